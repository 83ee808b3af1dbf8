package io.github.ptmalloc4j.ptmalloc;

import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.os.Os;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * An arena.
 *
 * <p>What other chunks link to must lie off-heap and look like a chunk, so that a list needs no special case for its ends:
 * the bin headers. Fast bins and the binmap lie beside them. They stand at {@link #address}, at the offsets that glibc's
 * {@code struct malloc_state} has on x86-64:
 *
 * <pre>
 *       0 ┌──────────────────────────────────────┐
 *         │ (lock and flags: Java fields here)   │
 *      16 ├──────────────────────────────────────┤
 *         │ heads of the 10 fast bins            │
 *      96 ├──────────────────────────────────────┤ ◄─ bin 1 as a chunk begins here
 *         │ (top, last remainder: Java fields    │
 *         │  here; these two words stay 0)       │
 *     112 ├──────────────────────────────────────┤
 *         │ 127 pairs (fd, bk): bins 1 to 127    │
 *    2144 ├──────────────────────────────────────┤
 *         │ binmap: 128 bits                     │
 *    2160 ├──────────────────────────────────────┤
 *         │ (links and counters: Java fields)    │
 *    2200 └──────────────────────────────────────┘
 * </pre>
 *
 * <p>Everything else of the arena is Java fields. Before it has memory, its top is the unsorted bin taken as a chunk: the
 * size word of that dummy is the second of the two words that stay 0, and a top of size 0 satisfies no request.
 */
final class MallocState {
    /** Bytes that the off-heap part takes. */
    static final long SIZEOF = 2200;

    private static final VarHandle REMOTE;

    static {
        try {
            REMOTE = MethodHandles.lookup().findVarHandle(MallocState.class, "remote", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final long FASTBINS = 16;
    private static final long BINS = 112;
    private static final long BINMAP = 2144;

    /** The arena that a thread has when none can be made: it knows no memory but mappings. */
    static final int NONE = -1;

    final MallocPar mp;
    final ArenaLock lock = new ArenaLock();
    /** Where the off-heap part lies. */
    final long address;
    /** Its place in the table of arenas, 0 for the main arena. */
    final int index;
    /** The A flag of the chunks that this arena hands out: 0 for the main arena. */
    final long nonMainArena;

    /** The next arena of the ring, and of the free list; guarded by the list's lock. */
    volatile MallocState next;

    MallocState nextFree;
    /** Threads whose arena this is; guarded by the list's lock. */
    int attachedThreads;

    /** Chunks that threads left when the arena was busy: a stack through fd, plain links; 0 is its end. */
    private long remote;
    /** Requests and frees so far; guarded by the lock, and read without it to learn whether the arena is idle. */
    long operations;
    /** How many there were when {@link IdlePurge#look} last looked, and when it last trimmed. */
    long operationsSeen = -1;

    long operationsPurged = -1;

    private boolean contiguous;
    /** A hint: whether some fast bin may hold chunks. */
    boolean haveFastchunks;
    /** The chunk at the end of the arena, from which others are cut. */
    long top;
    /** What was left of the last split for a small request, to be split again by the next one. */
    long lastRemainder;
    /** Bytes from the system, and the most that it ever was. */
    long systemMem;

    long maxSystemMem;
    /** Unsorted chunks that the current request has put into bins. */
    long tcacheUnsortedCount;
    /** How often the lock was given up in the middle of a request; see {@link Arenas#sweep}. */
    int interruptions;

    /** Where the areas of the main arena begin, one more whenever the break jumps or is replaced by a mapping. */
    private long[] areas = new long[4];

    private int areaCount;
    /** Mappings that stand in for the break: address and length by turns. */
    private long[] mappedAreas = new long[0];

    private MallocState(MallocPar mp, long address, int index) {
        this.mp = mp;
        this.address = address;
        this.index = index;
        this.nonMainArena = index == 0 ? 0 : Chunk.NON_MAIN_ARENA;
        this.contiguous = index == 0;
        this.next = this;
        for (int i = 1; i <= Bins.NBINS - 1; i++) {
            long bin = binAt(i);
            Chunk.setFd(bin, bin);
            Chunk.setBk(bin, bin);
        }
        top = initialTop();
    }

    /** The main arena, its bins in a page of their own. */
    static MallocState main(MallocPar mp) {
        long page = mp.mmap(pages(mp), 0);
        if (page == Os.MAP_FAILED) {
            throw new OutOfMemoryError("no page left for the bins of a heap");
        }
        return new MallocState(mp, page, 0);
    }

    /**
     * An arena in a heap of its own.
     *
     * @param heap a new heap, empty
     */
    static MallocState inHeap(MallocPar mp, long heap, int index) {
        MallocState av = new MallocState(mp, heap + HeapInfo.SIZEOF, index);
        HeapInfo.setArena(heap, av);
        HeapInfo.setPrev(heap, 0);
        av.systemMem = HeapInfo.size(heap);
        av.maxSystemMem = av.systemMem;
        av.top = firstChunk(heap);
        Chunk.setHead(av.top, HeapInfo.end(heap) - av.top | Chunk.PREV_INUSE);
        return av;
    }

    /** Stands in for an arena where there is none: shares the main arena's empty bins, and never has a top. */
    static MallocState none(MallocState main) {
        return new MallocState(main);
    }

    private MallocState(MallocState main) {
        mp = main.mp;
        address = main.address;
        index = NONE;
        nonMainArena = 0;
    }

    /** Leaves a chunk for whoever locks the arena next. It looks in use until then. */
    void pushRemote(long p) {
        long head;
        do {
            head = (long) REMOTE.getOpaque(this);
            Chunk.setFd(p, head);
        } while (!REMOTE.compareAndSet(this, head, p));
    }

    boolean hasRemote() {
        return (long) REMOTE.getOpaque(this) != 0;
    }

    /** Frees what was left; the arena's lock is held. */
    void freeRemote() {
        long p = takeRemote();
        while (p != 0) {
            long next = Chunk.fd(p);
            ArenaFree.toArena(this, p, Chunk.chunkSize(p), false);
            p = next;
        }
    }

    /** All chunks that were left, as a list through fd; 0 is its end. */
    long takeRemote() {
        return hasRemote() ? (long) REMOTE.getAndSet(this, 0L) : 0;
    }

    boolean isNone() {
        return index == NONE;
    }

    /** Where chunks begin in the first heap of an arena. */
    static long firstChunk(long heap) {
        return heap + HeapInfo.SIZEOF + SIZEOF + Chunk.MALLOC_ALIGN_MASK & ~Chunk.MALLOC_ALIGN_MASK;
    }

    private static long pages(MallocPar mp) {
        return SIZEOF + mp.pagesize - 1 & -mp.pagesize;
    }

    boolean isMain() {
        return index == 0;
    }

    /** Bin {@code i} as a chunk: its fd and bk fields are the bin's two words. */
    long binAt(int i) {
        return address + BINS + 16L * (i - 1) - 16;
    }

    long unsortedChunks() {
        return binAt(Bins.UNSORTED);
    }

    long initialTop() {
        return unsortedChunks();
    }

    /** Where the head of a fast bin is stored. */
    long fastbin(int i) {
        return address + FASTBINS + 8L * i;
    }

    /** Where the word of the binmap with the bit of a bin is stored: one of two of 64 bits, which glibc takes for four. */
    long binmapWord(int bin) {
        return address + BINMAP + (bin >>> 6 << 3);
    }

    /** Whether the arena's memory is one piece of a break, so that its end is where top ends. */
    boolean isContiguous() {
        return contiguous;
    }

    void setNoncontiguous() {
        contiguous = false;
    }

    /** Chunks begin at {@code start} that no other chunk leads to. */
    void addArea(long start) {
        if (areaCount == areas.length) {
            areas = Arrays.copyOf(areas, 2 * areaCount);
        }
        areas[areaCount++] = start;
    }

    /** Where the areas of this arena begin, lowest first: pieces of the break, or heaps. */
    long[] areas() {
        long[] starts = isMain() ? Arrays.copyOf(areas, areaCount) : heapAreas();
        Arrays.sort(starts);
        return starts;
    }

    private long[] heapAreas() {
        return LongStream.iterate(HeapInfo.heapForPtr(mp, top), heap -> heap != 0, HeapInfo::prev)
                .map(heap -> HeapInfo.prev(heap) == 0 ? firstChunk(heap) : heap + HeapInfo.SIZEOF)
                .toArray();
    }

    /** A mapping that stands in for the break, to be unmapped when the heap is closed. */
    void addMappedArea(long start, long length) {
        mappedAreas = Arrays.copyOf(mappedAreas, mappedAreas.length + 2);
        mappedAreas[mappedAreas.length - 2] = start;
        mappedAreas[mappedAreas.length - 1] = length;
    }

    /** Bytes that close the areas of the main arena that grow no further: two headers each. */
    long retiredBytes() {
        return 2 * Chunk.CHUNK_HDR_SZ * Math.max(0, areaCount - 1);
    }

    /** Bytes of the pages that the main arena's bins take. */
    long binPages() {
        return pages(mp);
    }

    /** Whether a range lies in one of the mappings that stand in for the break; the lock is held. */
    boolean mappedAreaHolds(long start, long end) {
        for (int i = 0; i < mappedAreas.length; i += 2) {
            if (start >= mappedAreas[i] && end <= mappedAreas[i] + mappedAreas[i + 1]) {
                return true;
            }
        }
        return false;
    }

    /** Unmaps what did not come from the break. */
    void unmapAreas() {
        for (int i = 0; i < mappedAreas.length; i += 2) {
            mp.os.munmap(mappedAreas[i], mappedAreas[i + 1]);
        }
        mp.os.munmap(address, pages(mp));
    }

    /** Counts memory that came from the system. */
    void addSystemMem(long bytes) {
        systemMem += bytes;
    }

    /** The head of fast bin {@code i}, or 0. */
    long fastbinHead(int i) {
        return Memory.getLong(fastbin(i));
    }
}
