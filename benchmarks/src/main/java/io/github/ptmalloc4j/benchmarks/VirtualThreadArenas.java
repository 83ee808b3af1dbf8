package io.github.ptmalloc4j.benchmarks;

import io.github.ptmalloc4j.Ptmalloc;
import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Which arena serves a virtual thread. All variants run on the engine as it is; those that are not in it are made of several
 * heaps, of which a virtual thread takes one before each request. Each heap is limited to one arena, so that it is one
 * arena, and one lock. A block is freed to the heap that it came from, as a chunk's own arena is found from its address.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 2,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-Djdk.virtualThreadScheduler.parallelism=2"})
public class VirtualThreadArenas {
    private static final int THREADS = 1000;
    private static final int BLOCKS = 100;
    private static final int SIZES = 64;
    private static final int CPUS = Runtime.getRuntime().availableProcessors();

    /** How the arena is found. */
    public enum Choice {
        /** What the engine does: the arena of the CPU that sched_getcpu names, for one thread or a thousand. */
        ENGINE,
        /** The same made of heaps: what the others are to be compared with. */
        CPU,
        /**
         * The thread's number modulo the CPUs: no call, but two threads that run at once have the same arena as often as
         * not, and wait for each other.
         */
        THREAD_ID,
        /** The number modulo eight times the CPUs: collides less, but each stripe keeps memory of its own. */
        THREAD_ID_8,
        /** One arena for all: all wait for each other, whenever two run at once. */
        ONE
    }

    /** The variant. */
    @Param
    public Choice choice;

    private Ptmalloc[] heaps;
    private ExecutorService executor;

    /** The heaps, and virtual threads on two carriers. */
    @Setup(Level.Iteration)
    public void open() {
        int count =
                switch (choice) {
                    case ENGINE, ONE -> 1;
                    case CPU, THREAD_ID -> CPUS;
                    case THREAD_ID_8 -> 8 * CPUS;
                };
        // The engine itself may have the main arena and one for each CPU; the others have one arena a heap.
        Tunables tunables = Tunables.builder()
                .arenaMax(choice == Choice.ENGINE ? CPUS + 1 : 1)
                .build();
        heaps = new Ptmalloc[count];
        for (int i = 0; i < count; i++) {
            heaps[i] = Ptmalloc.create(tunables);
        }
        executor = Executors.newVirtualThreadPerTaskExecutor();
    }

    /** Ends them, and gives the memory back. */
    @TearDown(Level.Iteration)
    public void close() {
        executor.close();
        for (Ptmalloc heap : heaps) {
            heap.close();
        }
    }

    /** A thousand threads, each a hundred blocks, of which a few are held over a yield; the time of one block. */
    @Benchmark
    @OperationsPerInvocation(THREADS * BLOCKS)
    public void run() throws Exception {
        Future<?>[] threads = new Future<?>[THREADS];
        for (int t = 0; t < THREADS; t++) {
            threads[t] = executor.submit(this::work);
        }
        for (Future<?> thread : threads) {
            thread.get();
        }
    }

    private void work() {
        long id = Thread.currentThread().threadId();
        Ptmalloc[] from = new Ptmalloc[4];
        long[] held = new long[4];
        for (int i = 0; i < BLOCKS; i++) {
            int slot = i & 3;
            if (held[slot] != 0) {
                from[slot].free(held[slot]);
            }
            from[slot] = heaps[heapFor(id)];
            held[slot] = from[slot].malloc(16 + 16 * (i % SIZES));
            Memory.putLong(held[slot], id);
            if (i % 10 == 9) {
                Thread.yield();
            }
        }
        for (int slot = 0; slot < 4; slot++) {
            from[slot].free(held[slot]);
        }
    }

    private int heapFor(long id) {
        return switch (choice) {
            case ENGINE, ONE -> 0;
            case CPU -> Math.floorMod(Linux.KERNEL.cpu(), CPUS);
            case THREAD_ID, THREAD_ID_8 -> (int) (id % heaps.length);
        };
    }
}
