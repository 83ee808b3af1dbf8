package io.github.ptmalloc4j.ptmalloc;

import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.os.Os;
import java.util.Arrays;

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

    private static final long FASTBINS = 16;
    private static final long BINS = 112;
    private static final long BINMAP = 2144;

    final MallocPar mp;
    /** Where the off-heap part lies. */
    final long address;
    /** The A flag of the chunks that this arena hands out: 0 for the main arena. */
    final long nonMainArena;

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

    /** Where the areas of the main arena begin, one more whenever the break jumps or is replaced by a mapping. */
    private long[] areas = new long[4];

    private int areaCount;
    /** Mappings that stand in for the break: address and length by turns. */
    private long[] mappedAreas = new long[0];

    private MallocState(MallocPar mp, long address, boolean main) {
        this.mp = mp;
        this.address = address;
        this.nonMainArena = main ? 0 : Chunk.NON_MAIN_ARENA;
        this.contiguous = main;
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
        return new MallocState(mp, page, true);
    }

    private static long pages(MallocPar mp) {
        return SIZEOF + mp.pagesize - 1 & -mp.pagesize;
    }

    boolean isMain() {
        return nonMainArena == 0;
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

    /** Where a 32-bit word of the binmap is stored. */
    long binmapWord(int block) {
        return address + BINMAP + 4L * block;
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

    /** Where the areas of this arena begin, in the order in which they came. */
    long[] areas() {
        return Arrays.copyOf(areas, areaCount);
    }

    /** A mapping that stands in for the break, to be unmapped when the heap is closed. */
    void addMappedArea(long start, long length) {
        mappedAreas = Arrays.copyOf(mappedAreas, mappedAreas.length + 2);
        mappedAreas[mappedAreas.length - 2] = start;
        mappedAreas[mappedAreas.length - 1] = length;
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
