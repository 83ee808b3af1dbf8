package io.github.ptmalloc4j;

import io.github.ptmalloc4j.ptmalloc.Malloc;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Remembers who allocated the blocks that the engine samples, until they are freed. */
final class LeakFinder {
    private static final int FILTER_BITS = 14;
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final int DEEPEST = 32;
    /** Of our own between the caller and here; a lifetime on a heap with a limit may come to a dozen. */
    private static final int DEEPEST_OURS = 16;

    /** Whose frames come between the caller and the engine. */
    private static final Set<String> OURS = Stream.of(
                    LeakFinder.class,
                    HeapObserver.class,
                    Ptmalloc.class,
                    HeapSegments.class,
                    SegmentSource.class,
                    Lifetime.class,
                    OwnedLifetime.class,
                    ConfinedLifetime.class,
                    BumpLifetime.class,
                    SharedLifetime.class)
            .map(Class::getName)
            .collect(Collectors.toUnmodifiableSet());

    private static final String ENGINE = Malloc.class.getPackageName() + ".";
    private static final StackWalker STACK = StackWalker.getInstance();

    private final long interval;
    private final ConcurrentHashMap<Long, Remembered> live = new ConcurrentHashMap<>();
    private final AtomicLong taken = new AtomicLong();
    /** How many sampled blocks have an address with this hash: most blocks that are freed are told apart by that. */
    private final AtomicIntegerArray filter = new AtomicIntegerArray(1 << FILTER_BITS);

    /** What becomes a {@link LiveBlock} if somebody asks: frames are turned into text late. */
    private record Remembered(
            long address, long bytes, long weight, long number, String thread, List<StackWalker.StackFrame> frames) {
        LiveBlock toLiveBlock() {
            return new LiveBlock(address, bytes, weight, number, thread, stack());
        }

        private List<StackTraceElement> stack() {
            return frames.stream()
                    .dropWhile(LeakFinder::isOurs)
                    .limit(DEEPEST)
                    .map(StackWalker.StackFrame::toStackTraceElement)
                    .toList();
        }
    }

    /**
     * For one heap.
     *
     * @param interval bytes between samples on average; 1, every block
     */
    LeakFinder(long interval) {
        this.interval = interval;
    }

    /** A sampled block was handed out, to the thread that says so. */
    void sampled(long mem, long bytes, long weight) {
        List<StackWalker.StackFrame> frames =
                STACK.walk(all -> all.limit(DEEPEST + DEEPEST_OURS).toList());
        remember(new Remembered(
                mem,
                bytes,
                weight,
                taken.incrementAndGet(),
                Thread.currentThread().getName(),
                frames));
    }

    private void remember(Remembered block) {
        filter.incrementAndGet(hash(block.address));
        live.put(block.address, block);
    }

    /**
     * A block is about to be given back.
     *
     * @return what was remembered of it, for {@link #notFreed}; null if nothing was
     */
    Object freed(long mem) {
        if (filter.getPlain(hash(mem)) == 0) {
            return null;
        }
        Remembered block = live.remove(mem);
        if (block != null) {
            filter.decrementAndGet(hash(mem));
        }
        return block;
    }

    /** The block was not given back after all. */
    void notFreed(Object block) {
        remember((Remembered) block);
    }

    /** What is live now, in the order in which it was allocated. */
    LiveBlocks live() {
        long before = taken.get();
        List<LiveBlock> blocks = live.values().stream()
                .filter(block -> block.number <= before)
                .sorted(Comparator.comparingLong(Remembered::number))
                .map(Remembered::toLiveBlock)
                .toList();
        return new LiveBlocks(interval, before, blocks);
    }

    private static boolean isOurs(StackWalker.StackFrame frame) {
        String name = frame.getClassName();
        return OURS.contains(name) || name.startsWith(ENGINE) || name.startsWith("java.lang.foreign.");
    }

    private static int hash(long mem) {
        return (int) (mem * GOLDEN >>> Long.SIZE - FILTER_BITS);
    }
}
