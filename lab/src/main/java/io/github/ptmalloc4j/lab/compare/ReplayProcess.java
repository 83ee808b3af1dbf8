package io.github.ptmalloc4j.lab.compare;

import io.github.ptmalloc4j.ptmalloc.Tunables;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntFunction;

/**
 * What runs in a JVM of its own for each allocator and trace: the counterpart of {@code replayer.c}, with the same lines of
 * output.
 */
final class ReplayProcess {
    /** Operations of each kind in a rehearsal: enough that no class and no method handle is made later. */
    private static final int REHEARSAL = 300;

    /** How many times as long as was asked a warm-up may take. */
    private static final int LONGEST_WARM_UP = 4;

    private final String allocator;
    private final Tunables tunables;
    private final Script script;
    /** Of the replaying threads, in the latest pass. */
    private final LongAdder cpuNanos = new LongAdder();

    private ReplayProcess(String allocator, Tunables tunables, Script script) {
        this.allocator = allocator;
        this.tunables = tunables;
        this.script = script;
    }

    /**
     * Replays.
     *
     * @param args allocator, tunables, file of the image, {@code time} with the least number of passes, nanoseconds to spend on
     *     them and nanoseconds to warm up; {@code memory}; or {@code count}, a memory pass for the tracer alone
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        ReplayProcess process = new ReplayProcess(args[0], Tunables.parse(args[1]), Script.read(Path.of(args[2])));
        if (args[3].equals("time")) {
            process.time(Integer.parseInt(args[4]), Long.parseLong(args[5]), Long.parseLong(args[6]));
        } else {
            process.memory(args[3].equals("memory"));
        }
    }

    private Blocks open(int slots) {
        return switch (allocator) {
            case "ptmalloc4j" -> new PtmallocBlocks(slots, tunables, false);
            case "ptmalloc4j-brk" -> new PtmallocBlocks(slots, tunables, true);
            case "ptmalloc4j-service" -> new PtmallocBlocks(slots, Tunables.service(), false);
            case "ptmalloc4j-segments" -> new SegmentBlocks(slots);
            case "arena-confined" -> new ArenaBlocks(slots, false);
            case "arena-shared" -> new ArenaBlocks(slots, true);
            case "direct-buffer" -> new DirectBufferBlocks(slots);
            case "netty-pooled" -> new NettyBlocks(slots, false);
            case "netty-adaptive" -> new NettyBlocks(slots, true);
            default -> new FfmBlocks(slots);
        };
    }

    private void time(int atLeast, long nanos, long warmUp) throws InterruptedException {
        WarmUp.run(warmUp, LONGEST_WARM_UP, 0, span -> passes(0, span, false));
        passes(atLeast, nanos, true);
    }

    private void passes(int atLeast, long nanos, boolean counts) throws InterruptedException {
        long start = System.nanoTime();
        for (int done = 0; done < atLeast || System.nanoTime() - start < nanos; done++) {
            try (Blocks blocks = open(script.slots())) {
                AtomicLongArray made = Player.progressOf(script);
                cpuNanos.reset();
                long took = run(thread -> new TimedPlayer(script, thread, blocks, made), false);
                freeAll(blocks);
                if (counts) {
                    System.out.println("pass " + took + " " + cpuNanos.sum());
                }
            }
        }
    }

    private void memory(boolean resident) throws IOException, InterruptedException {
        int readings = resident ? script.samples() : 0;
        if (allocator.startsWith("ptmalloc4j")) {
            memoryPass(false, readings);
        } else {
            rehearse();
        }
        memoryPass(true, readings);
    }

    /** One pass that writes all blocks; if it counts, it says what it cost, and tells the tracer where it is. */
    private void memoryPass(boolean counts, int readings) throws IOException, InterruptedException {
        boolean oneThread = script.parts().length == 1;
        List<MemoryPlayer> players = new ArrayList<>();
        try (Blocks blocks = open(script.slots());
                Costs costs = new Costs(script.samples(), readings, oneThread)) {
            AtomicLongArray made = Player.progressOf(script);
            long[] size = new long[script.slots()];
            for (int t = 0; t < script.parts().length; t++) {
                players.add(new MemoryPlayer(script, t, blocks, made, size, costs::sample));
            }
            costs.startOver();
            run(players::get, counts);
            long faults = costs.faults();
            if (counts) {
                print(
                        costs,
                        faults,
                        players.stream().mapToLong(MemoryPlayer::refused).sum());
            }
        }
    }

    private static void print(Costs costs, long faults, long refused) {
        for (int i = 0; i < costs.residentBytes().length; i++) {
            System.out.printf("sample %d %d %d%n", i, costs.residentBytes()[i], costs.faultsAtSamples()[i]);
        }
        System.out.printf("faults %d%nrefused %d%n", faults, refused);
    }

    /** Runs all threads, the first one in this thread, which made the heap; returns how long it took, in nanoseconds. */
    private long run(IntFunction<? extends Player> players, boolean marks) throws InterruptedException {
        int count = script.parts().length;
        CyclicBarrier barrier = new CyclicBarrier(count);
        AtomicLong end = new AtomicLong(Long.MIN_VALUE);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        List<Thread> others = new ArrayList<>();
        for (int t = 1; t < count; t++) {
            Player player = players.apply(t);
            others.add(Thread.ofPlatform().start(() -> runThread(player, barrier, marks, end, failure)));
        }
        long start = System.nanoTime();
        runThread(players.apply(0), barrier, marks, end, failure);
        for (Thread other : others) {
            other.join();
        }
        if (failure.get() != null) {
            throw new IllegalStateException(failure.get().getMessage(), failure.get());
        }
        return end.get() - start;
    }

    private void runThread(
            Player player, CyclicBarrier barrier, boolean marks, AtomicLong end, AtomicReference<Throwable> failure) {
        try {
            barrier.await();
            if (marks) {
                Costs.mark(Costs.BEGIN);
            }
            runAndClock(player, !marks);
            if (marks) {
                Costs.mark(Costs.END);
            }
        } catch (InterruptedException | BrokenBarrierException e) {
            failure.compareAndSet(null, e);
        } catch (RuntimeException | Error e) {
            // The others may wait for this thread for ever.
            System.err.println(e);
            Runtime.getRuntime().halt(1);
        }
        long now = System.nanoTime();
        end.accumulateAndGet(now, Math::max);
    }

    private void runAndClock(Player player, boolean clocked) {
        if (clocked) {
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            long before = threads.getCurrentThreadCpuTime();
            player.run();
            cpuNanos.add(threads.getCurrentThreadCpuTime() - before);
        } else {
            player.run(); // What the clock allocates must not be counted as the trace's.
        }
    }

    /** A heap that outlives a pass must not keep what the trace leaves behind. */
    private void freeAll(Blocks blocks) {
        for (int slot = 0; slot < script.slots(); slot++) {
            blocks.free(slot);
        }
    }

    /**
     * The JVM's own work, as loading classes and linking method handles, must not fall into the one pass that is measured. A heap
     * of ours is thrown away after a pass like the one to come. Where all share one heap, a pass would leave it grown: a few calls
     * of each kind go before.
     */
    private void rehearse() throws IOException {
        Script small = rehearsal();
        try (Blocks blocks = open(small.slots());
                Costs costs = new Costs(1, 1, script.parts().length == 1)) {
            AtomicLongArray made = Player.progressOf(small);
            new MemoryPlayer(small, 0, blocks, made, new long[small.slots()], costs::sample).run();
        }
    }

    private static Script rehearsal() {
        // malloc, calloc, memalign, realloc of the first, and three frees, in the codes of Op.
        int[] codes = {0, 4, 5, 2, 1, 1, 1};
        int[] slotOf = {0, 1, 2, 0, 0, 1, 2};
        int count = codes.length * REHEARSAL;
        Script.Part part = new Script.Part(
                new int[count], new int[count], new long[count], new long[count], new int[0], new int[] {0});
        for (int i = 0; i < count; i++) {
            part.heads()[i] = codes[i % codes.length];
            part.slots()[i] = slotOf[i % codes.length];
            part.bytes()[i] = 64;
            part.arguments()[i] = codes[i % codes.length] == 5 ? 64 : 1;
        }
        part.heads()[count - 1] |= TraceImage.TAKE_SAMPLE << 8;
        return new Script(3, 1, new Script.Part[] {part});
    }
}
