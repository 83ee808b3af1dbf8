package io.github.ptmalloc4j;

import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Remembers who allocated what: each block, or those on which a sample falls.
 *
 * <p>Samples lie on the sequence of all bytes allocated, at random distances around the interval (exponentially distributed), so
 * that a block of {@code n} bytes is met with the probability 1 − e<sup>−n/interval</sup>. A sampled block stands for as many
 * bytes as its own divided by that, and the sum over all is, on average, the truth.
 *
 * <p>A call that meets no sample pays for a subtraction, and a free for a look into a small table that tells that its block is
 * not sampled, most of the time.
 */
final class LeakFinder {
    private static final int STRIPES = 64;
    /** Words between the counters of two stripes: a cache line. */
    private static final int APART = 8;

    private static final int FILTER_BITS = 14;
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final int DEEPEST = 32;

    /** Whose frames come between the caller and here. */
    private static final Set<Class<?>> OURS = Set.of(
            LeakFinder.class,
            Ptmalloc.class,
            HeapSegments.class,
            SegmentSource.class,
            Lifetime.class,
            OwnedLifetime.class,
            ConfinedLifetime.class,
            BumpLifetime.class,
            SharedLifetime.class);

    private static final StackWalker STACK = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    private final long interval;
    private final ConcurrentHashMap<Long, LiveBlock> live = new ConcurrentHashMap<>();
    private final AtomicLong taken = new AtomicLong();
    /** Bytes to go until the next sample, for the threads of a stripe. Two that meet there lose a part of the count. */
    private final long[] untilSample = new long[STRIPES * APART];
    /** How many sampled blocks have an address with this hash. */
    private final AtomicIntegerArray filter = new AtomicIntegerArray(1 << FILTER_BITS);

    /**
     * For one heap.
     *
     * @param interval bytes between samples on average; 1, every block
     */
    LeakFinder(long interval) {
        this.interval = interval;
        for (int stripe = 0; stripe < STRIPES; stripe++) {
            untilSample[stripe * APART] = nextDistance();
        }
    }

    /** A block was handed out; 0 is ignored. */
    void allocated(long mem, long bytes) {
        int counter = ((int) Thread.currentThread().threadId() & STRIPES - 1) * APART;
        long left = untilSample[counter] - bytes;
        untilSample[counter] = left;
        if ((left < 0 || interval == 1) && mem != 0) {
            untilSample[counter] = nextDistance();
            sample(mem, bytes);
        }
    }

    /**
     * A block is about to be given back.
     *
     * @return what was remembered of it, for {@link #restore}; null if nothing was
     */
    LiveBlock freed(long mem) {
        if (filter.getPlain(hash(mem)) == 0) {
            return null;
        }
        LiveBlock block = live.remove(mem);
        if (block != null) {
            filter.decrementAndGet(hash(mem));
        }
        return block;
    }

    /** The block was not given back after all. */
    void restore(LiveBlock block) {
        if (block != null) {
            filter.incrementAndGet(hash(block.address()));
            live.put(block.address(), block);
        }
    }

    /** What is live now, in the order in which it was allocated. */
    LiveBlocks live() {
        long before = taken.get();
        List<LiveBlock> blocks = live.values().stream()
                .filter(block -> block.number() <= before)
                .sorted(Comparator.comparingLong(LiveBlock::number))
                .toList();
        return new LiveBlocks(interval, before, blocks);
    }

    private void sample(long mem, long bytes) {
        long weight = interval == 1 ? bytes : Math.round(bytes / -Math.expm1(-(double) bytes / interval));
        restore(new LiveBlock(
                mem,
                bytes,
                weight,
                taken.incrementAndGet(),
                Thread.currentThread().getName(),
                stack()));
    }

    private static List<StackTraceElement> stack() {
        return STACK.walk(frames -> frames.dropWhile(LeakFinder::isOurs)
                .limit(DEEPEST)
                .map(StackWalker.StackFrame::toStackTraceElement)
                .toList());
    }

    private static boolean isOurs(StackWalker.StackFrame frame) {
        return OURS.contains(frame.getDeclaringClass()) || frame.getClassName().startsWith("java.lang.foreign.");
    }

    private long nextDistance() {
        // nextDouble may be 0, but never 1.
        return (long) (-Math.log(1 - ThreadLocalRandom.current().nextDouble()) * interval);
    }

    private static int hash(long mem) {
        return (int) (mem * GOLDEN >>> Long.SIZE - FILTER_BITS);
    }
}
