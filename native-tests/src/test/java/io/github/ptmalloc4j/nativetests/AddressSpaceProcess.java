package io.github.ptmalloc4j.nativetests;

import io.github.ptmalloc4j.Ptmalloc;
import io.github.ptmalloc4j.lab.replay.Pattern;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import io.github.ptmalloc4j.verify.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import jnr.constants.platform.RLIMIT;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import jnr.posix.RLimit;

/** What runs in the child JVM of {@link AddressSpaceTest}; a violation ends it with status 1. */
public final class AddressSpaceProcess {
    private static final int THREADS = 8;
    private static final long MIB = 1 << 20;
    private static final long SLACK = 48 * MIB;
    private static final long RESERVATION = 16 * MIB;
    /** What arenas have reserved before the limit is set can be used up below it: few of them. */
    private static final Tunables TUNABLES = Tunables.builder().arenaMax(3).build();

    private static final long LARGEST = 4 * MIB;
    private static final long SMALLEST = 256;
    /** As many refusals in a row, of small blocks, and there is nothing left. */
    private static final int REFUSALS = 32;

    private enum Call {
        MALLOC,
        CALLOC,
        REALLOC,
        MEMALIGN,
        ALIGNED_ALLOC,
        POSIX_MEMALIGN,
        VALLOC,
        PVALLOC
    }

    private record Request(Call call, long bytes) {}

    private record Block(long mem, long bytes) {}

    private final Ptmalloc heap = Ptmalloc.create(TUNABLES, RESERVATION);
    private final POSIX posix = POSIXFactory.getNativePOSIX();

    private AddressSpaceProcess() {}

    /** Takes no arguments. */
    public static void main(String[] args) throws InterruptedException, ExecutionException {
        new AddressSpaceProcess().run();
    }

    private void run() throws InterruptedException, ExecutionException {
        List<Exhaustion> all = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            all.add(new Exhaustion(new SplittableRandom(i)));
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            // Loads and compiles what is needed below while there is memory for it.
            each(threads, all, Exhaustion::rehearse);
            heap.check();
            RLimit old = posix.getrlimit(RLIMIT.RLIMIT_AS.intValue());
            limit(Status.bytes("VmSize") + SLACK, old);
            try {
                each(threads, all, Exhaustion::exhaust);
            } finally {
                limit(old.rlimCur(), old);
            }
            heap.check();
            each(threads, all, Exhaustion::freeAll);
            each(threads, all, Exhaustion::repeatRefused);
            heap.check();
            each(threads, all, Exhaustion::freeAll);
            heap.check();
        }
        heap.close();
    }

    private interface Step {
        void run(Exhaustion exhaustion);
    }

    private static void each(ExecutorService threads, List<Exhaustion> all, Step step)
            throws InterruptedException, ExecutionException {
        List<Future<?>> futures = new ArrayList<>();
        for (Exhaustion each : all) {
            futures.add(threads.submit(() -> step.run(each)));
        }
        for (Future<?> future : futures) {
            future.get();
        }
    }

    private void limit(long bytes, RLimit old) {
        require(posix.setrlimit(RLIMIT.RLIMIT_AS.intValue(), bytes, old.rlimMax()) == 0, "setrlimit is refused");
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    /** One of the threads' work. */
    private final class Exhaustion {
        private final SplittableRandom random;
        private final List<Block> held = new ArrayList<>(1 << 16);
        private final List<Request> refused = new ArrayList<>();

        Exhaustion(SplittableRandom random) {
            this.random = random;
        }

        void rehearse() {
            for (int i = 0; i < 2000; i++) {
                Request request = request(i % 50 == 0 ? MIB : 1000);
                require(serve(request), "without a limit refused: " + request);
                require(!serve(new Request(request.call(), 1L << 46)), "64 TiB are granted");
            }
            freeAll();
        }

        void exhaust() {
            long most = LARGEST;
            int inARow = 0;
            while (inARow < REFUSALS) {
                Request request = request(most);
                if (serve(request)) {
                    inARow = 0;
                } else {
                    refused.add(request);
                    inARow += most == SMALLEST ? 1 : 0;
                    most = Math.max(SMALLEST, most / 2);
                }
            }
            held.forEach(this::verify);
        }

        void freeAll() {
            for (Block block : held) {
                verify(block);
                heap.free(block.mem());
            }
            held.clear();
        }

        void repeatRefused() {
            require(!refused.isEmpty(), "nothing was refused");
            for (Request request : refused) {
                require(serve(request), "refused also without a limit: " + request);
            }
        }

        private Request request(long most) {
            Call[] calls = Call.values();
            return new Request(calls[random.nextInt(calls.length)], random.nextLong(most / 2, most) + 1);
        }

        private boolean serve(Request request) {
            long bytes = request.bytes();
            if (request.call() == Call.REALLOC && !held.isEmpty()) {
                return realloc(random.nextInt(held.size()), bytes);
            }
            long mem =
                    switch (request.call()) {
                        case MALLOC -> heap.malloc(bytes);
                        case CALLOC -> heap.calloc(1, bytes);
                        case REALLOC -> heap.realloc(0, bytes);
                        case MEMALIGN -> heap.memalign(256, bytes);
                        case ALIGNED_ALLOC -> heap.alignedAlloc(64, bytes);
                        case POSIX_MEMALIGN -> Math.max(0, heap.posixMemalign(1024, bytes));
                        case VALLOC -> heap.valloc(bytes);
                        case PVALLOC -> heap.pvalloc(bytes);
                    };
            if (mem == 0) {
                return false;
            }
            if (request.call() == Call.CALLOC) {
                require(Pattern.nonZero(mem, bytes) < 0, "calloc gave what is not zero");
            }
            held.add(filled(mem, bytes));
            return true;
        }

        private boolean realloc(int index, long bytes) {
            Block old = held.get(index);
            long mem = heap.realloc(old.mem(), bytes);
            verify(new Block(old.mem(), mem == 0 ? old.bytes() : 0));
            if (mem == 0) {
                return false;
            }
            long kept = Math.min(old.bytes(), bytes);
            require(Pattern.mismatch(mem, kept, key(old.mem())) < 0, "realloc lost what was in its block");
            held.set(index, filled(mem, bytes));
            return true;
        }

        private Block filled(long mem, long bytes) {
            require(heap.mallocUsableSize(mem) >= bytes, "a block is too small");
            Pattern.fill(mem, bytes, key(mem));
            return new Block(mem, bytes);
        }

        private void verify(Block block) {
            require(Pattern.mismatch(block.mem(), block.bytes(), key(block.mem())) < 0, "a block is damaged");
        }

        private long key(long mem) {
            return mem ^ 0x5deece66dL;
        }
    }
}
