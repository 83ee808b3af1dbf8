package io.github.ptmalloc4j.ptmalloc;

import static io.github.ptmalloc4j.ptmalloc.Chunk.bk;
import static io.github.ptmalloc4j.ptmalloc.Chunk.bkNextsize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.fd;
import static io.github.ptmalloc4j.ptmalloc.Chunk.fdNextsize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.prevSize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.setBk;
import static io.github.ptmalloc4j.ptmalloc.Chunk.setBkNextsize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.setFd;
import static io.github.ptmalloc4j.ptmalloc.Chunk.setFdNextsize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.sizeField;

/**
 * The lists of free chunks, by size.
 *
 * <pre>
 *   bin   1        unsorted: what was freed or split off, not yet looked at
 *   bins  2 –  63  small: one size each, 32, 48, … 1008; taken from the end opposite to where they are put (FIFO)
 *   bins 64 –  96  large,     64 bytes wide
 *   bins 97 – 111  large,    512 bytes wide
 *   bins 112 – 119 large,   4096 bytes wide
 *   bins 120 – 123 large,  32768 bytes wide
 *   bins 124 – 125 large, 262144 bytes wide
 *   bin  126       everything larger
 * </pre>
 *
 * <p>A large bin is sorted, largest first. The first chunk of each size is also a member of a second ring through
 * nextsize, so that a search steps from size to size and not from chunk to chunk:
 *
 * <pre>
 *   bin ─fd─► 2000 ──► 2000 ──► 1984 ──► 1936 ──► 1936 ──► bin
 *             ▲ └──── fd_nextsize ──▲ └─────▲ └───────┐
 *             └─────────────────────────────────────── ┘
 * </pre>
 */
final class Bins {
    static final int NBINS = 128;
    static final int UNSORTED = 1;
    static final long MIN_LARGE_SIZE = 1024;

    private Bins() {}

    static boolean inSmallbinRange(long size) {
        return size < MIN_LARGE_SIZE;
    }

    static int smallbinIndex(long size) {
        return (int) (size >>> 4);
    }

    /** The first rule that matches decides; where two widths meet, the ranges of the narrower one run on. */
    static int largebinIndex(long size) {
        if (size >>> 6 <= 48) {
            return 48 + (int) (size >>> 6);
        }
        if (size >>> 9 <= 20) {
            return 91 + (int) (size >>> 9);
        }
        if (size >>> 12 <= 10) {
            return 110 + (int) (size >>> 12);
        }
        if (size >>> 15 <= 4) {
            return 119 + (int) (size >>> 15);
        }
        return size >>> 18 <= 2 ? 124 + (int) (size >>> 18) : 126;
    }

    static int binIndex(long size) {
        return inSmallbinRange(size) ? smallbinIndex(size) : largebinIndex(size);
    }

    /** The largest chunk of a large bin, the newest of another; the bin itself if it is empty. */
    static long first(long bin) {
        return fd(bin);
    }

    /** The smallest chunk of a large bin, the oldest of another; the bin itself if it is empty. */
    static long last(long bin) {
        return bk(bin);
    }

    /** Links {@code p} in between two neighbours. */
    static void link(long p, long bck, long fwd) {
        setBk(p, bck);
        setFd(p, fwd);
        setBk(fwd, p);
        setFd(bck, p);
    }

    /** Marks a chunk as no member of a size ring, if it is large enough to be asked. */
    static void clearNextsize(long p, long size) {
        if (!inSmallbinRange(size)) {
            setFdNextsize(p, 0);
            setBkNextsize(p, 0);
        }
    }

    /**
     * Puts a chunk at the head of the unsorted list.
     *
     * @param message what to say if the list is broken
     */
    static void linkUnsorted(MallocState av, long p, long size, String message) {
        long bck = av.unsortedChunks();
        long fwd = fd(bck);
        if (bk(fwd) != bck) {
            throw av.mp.mallocPrinterr(message);
        }
        link(p, bck, fwd);
        clearNextsize(p, size);
    }

    /**
     * Takes a free chunk out of whatever bin it is in.
     *
     * @param size what its size word says
     */
    static void unlinkChunk(MallocState av, long p, long size) {
        if (size != prevSize(p + size)) {
            throw av.mp.mallocPrinterr("corrupted size vs. prev_size");
        }
        long fd = fd(p);
        long bk = bk(p);
        if (bk(fd) != p || fd(bk) != p) {
            throw av.mp.mallocPrinterr("corrupted double-linked list");
        }
        setBk(fd, bk);
        setFd(bk, fd);
        if (!inSmallbinRange(size) && fdNextsize(p) != 0) {
            leaveSizeRing(av, p, fd);
        }
    }

    /** {@code p} was the first of its size. If its follower {@code fd} has the same size, that one takes its place. */
    private static void leaveSizeRing(MallocState av, long p, long fd) {
        long smaller = fdNextsize(p);
        long larger = bkNextsize(p);
        if (bkNextsize(smaller) != p || fdNextsize(larger) != p) {
            throw av.mp.mallocPrinterr("corrupted double-linked list (not small)");
        }
        if (fdNextsize(fd) != 0) {
            // The follower is in the ring itself (or is the bin, whose words there are never 0): close the gap.
            setBkNextsize(smaller, larger);
            setFdNextsize(larger, smaller);
        } else if (smaller == p) {
            setFdNextsize(fd, fd);
            setBkNextsize(fd, fd);
        } else {
            setFdNextsize(fd, smaller);
            setBkNextsize(fd, larger);
            setBkNextsize(smaller, fd);
            setFdNextsize(larger, fd);
        }
    }

    /** Files a chunk that comes from the unsorted list: a small one at the head, a large one where its size belongs. */
    static void place(MallocState av, long victim, long size) {
        int index = binIndex(size);
        long bin = av.binAt(index);
        if (inSmallbinRange(size)) {
            link(victim, bin, fd(bin));
        } else {
            placeLarge(av, bin, victim, size);
        }
        Binmap.markBin(av, index);
    }

    private static void placeLarge(MallocState av, long bin, long victim, long size) {
        long largest = first(bin);
        if (largest == bin) {
            setFdNextsize(victim, victim);
            setBkNextsize(victim, victim);
            link(victim, bin, bin);
            return;
        }
        requireNoArenaFlag(av, last(bin));
        // Size words in bins have P set and nothing else: with P set here too, whole words compare.
        long word = size | Chunk.PREV_INUSE;
        if (word < sizeField(last(bin))) {
            joinSizeRingAtEnd(victim, largest);
            link(victim, last(bin), bin);
            return;
        }
        long fwd = largest;
        requireNoArenaFlag(av, fwd);
        while (word < sizeField(fwd)) {
            fwd = fdNextsize(fwd);
            requireNoArenaFlag(av, fwd);
        }
        if (word == sizeField(fwd)) {
            // Second of its size: the ring need not change.
            fwd = fd(fwd);
        } else {
            joinSizeRingBefore(av, victim, fwd);
        }
        long bck = bk(fwd);
        if (fd(bck) != fwd) {
            throw av.mp.mallocPrinterr("malloc(): largebin double linked list corrupted (bk)");
        }
        link(victim, bck, fwd);
    }

    private static void requireNoArenaFlag(MallocState av, long p) {
        av.mp.require(Chunk.isMainArena(p), "_int_malloc", "a chunk in a bin has no A flag");
    }

    /** The new smallest size goes between the smallest so far and the largest. */
    private static void joinSizeRingAtEnd(long victim, long largest) {
        setFdNextsize(victim, largest);
        setBkNextsize(victim, bkNextsize(largest));
        setFdNextsize(bkNextsize(victim), victim);
        setBkNextsize(largest, victim);
    }

    private static void joinSizeRingBefore(MallocState av, long victim, long fwd) {
        setFdNextsize(victim, fwd);
        setBkNextsize(victim, bkNextsize(fwd));
        if (fdNextsize(bkNextsize(fwd)) != fwd) {
            throw av.mp.mallocPrinterr("malloc(): largebin double linked list corrupted (nextsize)");
        }
        setBkNextsize(fwd, victim);
        setFdNextsize(bkNextsize(victim), victim);
    }
}
