package io.github.ptmalloc4j.ptmalloc;

import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.os.MoreCore;
import io.github.ptmalloc4j.os.Os;

/**
 * What holds for all arenas of a heap: the tunables as they are now, the counters of mmapped chunks, and where memory comes
 * from. glibc's {@code mp_} and the globals around it. Sizes are in bytes; those that glibc keeps as {@code size_t} are
 * unsigned.
 */
final class MallocPar {
    /** Freeing an mmapped chunk larger than this does not move the thresholds: 32 MiB. */
    static final long DEFAULT_MMAP_THRESHOLD_MAX = 32L << 20;

    /** The largest request that a fast bin can be told to take. */
    private static final int MAX_FAST_SIZE = 160;

    private static final int M_MXFAST = 1;
    private static final int M_TRIM_THRESHOLD = -1;
    private static final int M_TOP_PAD = -2;
    private static final int M_MMAP_THRESHOLD = -3;
    private static final int M_MMAP_MAX = -4;
    private static final int M_PERTURB = -6;
    private static final int M_ARENA_TEST = -7;
    private static final int M_ARENA_MAX = -8;

    final Os os;
    final MallocObserver observer;
    final long pagesize;
    private final MoreCore moreCore;

    long trimThreshold;
    long topPad;
    long mmapThreshold;
    int nMmapsMax;
    boolean noDynThreshold;
    long arenaTest;
    long arenaMax;
    /** Bytes: with transparent huge pages advised, what the break and trims are rounded to; else 0. */
    final long thpPagesize;
    /** Bytes: the pages of the huge-page pool to map with; 0, none. */
    final long hpPagesize;

    final int hpFlags;

    /** The largest chunk that goes to a fast bin. */
    long maxFast;

    /** Stacks that tcaches use. */
    final int tcacheBins;

    final int tcacheCount;
    /** The smallest request whose chunk is in no small stack of a tcache. */
    final long uncachedRequest;
    /** The largest request whose chunk may be in a large one; 0 if there are none. */
    final long largestCached;

    final long tcacheUnsortedLimit;
    /** What the second word of a block in a tcache holds: random, so that a user's data hardly ever equals it. */
    final long tcacheKey;

    int perturbByte;
    final int check;
    /** Whether a free may leave a chunk to an arena that is busy, instead of waiting. */
    final boolean remoteFrees;
    /** Chunks that a full stack of a tcache gives back at once; 0, none. */
    final int tcacheFlush;
    /** Bytes that may wait for other tcaches. */
    final long tcacheTransfer;
    /** Whether tcaches have more than glibc's: large stacks, or those of other threads. */
    final boolean cachesMore;

    /** Where the break was when the heap took it. */
    private final long breakStart;
    /** Where our last move left the break; read without a lock. */
    private volatile long breakEnd;

    /** The first address that the break gave; 0 until then. */
    long sbrkBase;

    /** The arenas; set when they exist. */
    Arenas arenas;

    /** Bytes from one sampled request to the next, on average; 0, nothing is sampled. */
    volatile long samplePeriod;
    /** Whether a thread that allocates very fast is sampled more rarely. */
    volatile boolean sampleAtLeisure;
    /** Whether the observer hears of frees too. */
    volatile boolean tracking;

    /** Calls of threads that are gone, and of virtual threads. */
    final Calls calls = new Calls();

    /** The mmapped chunks that exist. */
    final MmappedChunks mmappedChunks = new MmappedChunks();

    /** Bytes: how large a heap of an arena other than the main one is, at least and at most. */
    final long heapMinSize;

    final long heapMaxSize;
    /** Where those heaps lie. */
    final HeapAreas heapAreas;
    /** Whether the kernel counts every accessible page against a limit, used or not. */
    boolean strictOvercommit;

    private volatile HeapCorruption corruption;
    private volatile boolean closed;
    /** Neither of the two: what each call asks that no tcache answers. */
    private volatile boolean usable = true;

    MallocPar(Os os, MoreCore moreCore, long breakStart, Tunables tunables, MallocObserver observer) {
        this.os = os;
        this.observer = observer;
        this.moreCore = moreCore;
        this.breakStart = breakStart;
        breakEnd = breakStart;
        pagesize = os.pageSize();
        trimThreshold = tunables.trimThreshold();
        topPad = tunables.topPad();
        mmapThreshold = tunables.mmapThreshold();
        nMmapsMax = tunables.mmapMax();
        noDynThreshold = !tunables.dynamicThresholds();
        arenaTest = tunables.arenaTest();
        arenaMax = tunables.arenaMax();
        thpPagesize = tunables.hugetlb() == 1 ? KernelSettings.transparentSize() : 0;
        hpPagesize =
                tunables.hugetlb() < 2 ? 0 : tunables.hugetlb() == 2 ? KernelSettings.poolSize() : tunables.hugetlb();
        hpFlags = hpPagesize == 0 ? 0 : Os.MAP_HUGETLB | Long.numberOfTrailingZeros(hpPagesize) << 26;
        setMaxFast(tunables.mxfast());
        tcacheBins = (int) TcacheBins.index(RequestSize.toChunkSize(tunables.tcacheMax())) + 1;
        tcacheCount = tunables.tcacheCount();
        int smallBins = Math.min(tcacheBins, TcacheBins.SMALL_BINS);
        uncachedRequest = Chunk.MINSIZE + Chunk.MALLOC_ALIGNMENT * smallBins - Chunk.SIZE_SZ;
        largestCached =
                tcacheBins > smallBins && tcacheCount > 0 ? TcacheBins.chunkSize(tcacheBins - 1) - Chunk.SIZE_SZ : 0;
        tcacheUnsortedLimit = tunables.tcacheUnsortedLimit();
        tcacheKey = os.random();
        perturbByte = tunables.perturb();
        check = tunables.check();
        remoteFrees = tunables.remoteFrees();
        tcacheFlush = tunables.tcacheFlush();
        tcacheTransfer = tunables.tcacheTransfer();
        cachesMore = largestCached != 0 || tcacheTransfer != 0;
        heapMinSize = hpPagesize == 0 ? HeapInfo.HEAP_MIN_SIZE : hpPagesize;
        heapMaxSize = hpPagesize == 0 ? HeapInfo.HEAP_MAX_SIZE : 4 * hpPagesize;
        heapAreas = new HeapAreas(os, heapMaxSize);
        strictOvercommit = KernelSettings.strictOvercommit();
    }

    /** MORECORE: with a pool of huge pages the break is never moved. */
    long morecore(long increment) {
        if (hpPagesize != 0) {
            return MoreCore.FAILURE;
        }
        if (increment < 0) {
            // Whoever asks meanwhile what can be read is told the lower end.
            breakEnd += increment;
        }
        long previous = moreCore.morecore(increment);
        if (previous != MoreCore.FAILURE) {
            breakEnd = previous + increment;
        } else if (increment < 0) {
            breakEnd -= increment;
        }
        return previous;
    }

    /** Whether a range lies between where the break began and where it is; one whose end has overflown does not. */
    boolean breakHolds(long start, long end) {
        return start >= breakStart && Long.compareUnsigned(end, breakEnd) <= 0;
    }

    /** MMAP: the address, or {@link Os#MAP_FAILED}. */
    long mmap(long length, int flags) {
        return os.mmap(0, length, Os.PROT_READ | Os.PROT_WRITE, flags);
    }

    /** Advises huge pages for a range that can hold one, if that is wanted. */
    void madviseThp(long address, long length) {
        if (thpPagesize != 0 && Long.compareUnsigned(length, thpPagesize) >= 0) {
            long start = address & -pagesize;
            os.madvise(start, length + (address - start), Os.MADV_HUGEPAGE);
        }
    }

    /** The largest request that the same stack of a tcache serves; the same request if that is no large one. */
    long roundedUp(long bytes) {
        return bytes < uncachedRequest || bytes > largestCached
                ? bytes
                : TcacheBins.chunkSize(TcacheBins.index(RequestSize.toChunkSize(bytes))) - Chunk.SIZE_SZ;
    }

    /** What sizes taken from the break are rounded to, in bytes. */
    long breakGranularity() {
        return thpPagesize != 0 ? thpPagesize : pagesize;
    }

    /** The fill byte of memory handed out: the complement, so that forgotten initialisation shows. */
    void allocPerturb(long mem, long bytes) {
        if (perturbByte != 0) {
            Memory.fill(mem, bytes, (byte) (perturbByte ^ 0xff));
        }
    }

    /** The fill byte of memory given back. */
    void freePerturb(long mem, long bytes) {
        if (perturbByte != 0) {
            Memory.fill(mem, bytes, (byte) perturbByte);
        }
    }

    /** mallopt(3) without the consolidation that goes before it. */
    boolean mallopt(int parameter, int value) {
        switch (parameter) {
            case M_MXFAST -> {
                if (Integer.compareUnsigned(value, MAX_FAST_SIZE) > 0) {
                    return false;
                }
                setMaxFast(value);
            }
            case M_TRIM_THRESHOLD -> trimThreshold = byHand(value);
            case M_TOP_PAD -> topPad = byHand(value);
            case M_MMAP_THRESHOLD -> mmapThreshold = byHand(value);
            case M_MMAP_MAX -> nMmapsMax = (int) byHand(value);
            case M_PERTURB -> perturbByte = value;
            case M_ARENA_TEST -> arenaTest = value > 0 ? value : arenaTest;
            case M_ARENA_MAX -> arenaMax = value > 0 ? value : arenaMax;
            default -> {
                // glibc answers 1 to what it does not know.
            }
        }
        return true;
    }

    /** A threshold that somebody sets by hand stays where it is put, and so do the others. */
    private long byHand(int value) {
        noDynThreshold = true;
        return value;
    }

    private void setMaxFast(int request) {
        maxFast = request <= Chunk.MALLOC_ALIGN_MASK - Chunk.SIZE_SZ
                ? Chunk.MINSIZE / 2
                : request + Chunk.SIZE_SZ & ~Chunk.MALLOC_ALIGN_MASK;
    }

    /**
     * Misuse or a broken heap: to be thrown where it was noticed. From now on no thread's cache answers, so that each call
     * comes to {@link #requireUsable}.
     */
    HeapCorruption mallocPrinterr(String message) {
        corruption = new HeapCorruption(message);
        usable = false;
        arenas.stop();
        return corruption;
    }

    /** From now on every call is refused; {@code false} if that was so before. */
    synchronized boolean close() {
        boolean first = !closed;
        closed = true;
        usable = false;
        arenas.stop();
        return first;
    }

    /** A rule that glibc guards with an assertion, which its release builds keep. */
    void require(boolean holds, String function, String rule) {
        if (!holds) {
            throw mallocPrinterr("Fatal glibc error: malloc assertion failure in " + function + ": " + rule);
        }
    }

    boolean isClosed() {
        return closed;
    }

    boolean isUsable() {
        return usable;
    }

    /** Every call that a tcache does not answer passes here. */
    void requireUsable() {
        if (!usable) {
            refuse();
        }
    }

    private void refuse() {
        if (closed) {
            throw new IllegalStateException("the heap is closed");
        }
        throw new HeapCorruption(corruption);
    }
}
