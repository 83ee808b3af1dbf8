package io.github.ptmalloc4j.ptmalloc;

import static io.github.ptmalloc4j.ptmalloc.Chunk.CHUNK_HDR_SZ;
import static io.github.ptmalloc4j.ptmalloc.Chunk.MINSIZE;
import static io.github.ptmalloc4j.ptmalloc.Chunk.PREV_INUSE;
import static io.github.ptmalloc4j.ptmalloc.Chunk.SIZE_BITS;
import static io.github.ptmalloc4j.ptmalloc.Chunk.bk;
import static io.github.ptmalloc4j.ptmalloc.Chunk.bkNextsize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.chunk2mem;
import static io.github.ptmalloc4j.ptmalloc.Chunk.chunkSize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.fd;
import static io.github.ptmalloc4j.ptmalloc.Chunk.prevSize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.setBk;
import static io.github.ptmalloc4j.ptmalloc.Chunk.setFd;
import static io.github.ptmalloc4j.ptmalloc.Chunk.setFoot;
import static io.github.ptmalloc4j.ptmalloc.Chunk.setHead;
import static io.github.ptmalloc4j.ptmalloc.Chunk.setInuseBitAtOffset;
import static io.github.ptmalloc4j.ptmalloc.Chunk.sizeField;

import io.github.ptmalloc4j.os.Memory;

/**
 * Allocation from an arena: glibc's {@code _int_malloc}, as a ladder. Each rung returns the user's address, or 0 when it has
 * nothing to give:
 *
 * <ol>
 *   <li>the fast bin of that size; the small bin of that size; for a large request, fast bins are merged first;
 *   <li>the unsorted list, oldest first: split the last remainder, take an exact fit, file everything else in its bin;
 *   <li>for a large request, the smallest chunk in its own bin that is large enough;
 *   <li>the smallest chunk of the next larger bin that is not empty;
 *   <li>top; if that is too small, merge the fast bins and look again;
 *   <li>the system.
 * </ol>
 */
final class ArenaMalloc {
    /** Chunks filed during one request at most: the rest stay unsorted for the next one. */
    private static final int MAX_ITERS = 10000;

    private ArenaMalloc() {}

    /**
     * A block of {@code bytes} bytes.
     *
     * <p>The ladder stands here in one piece: a method of more than 325 bytecodes is compiled by itself, and so its rungs do not
     * compete with the code of callers for what the JIT may inline into one compilation.
     *
     * @param bytes the request, unsigned
     * @return the user's address, or 0 if there is no memory
     */
    static long malloc(MallocState av, Tcache tcache, long bytes) {
        long exact = RequestSize.toChunkSize(bytes);
        if (exact == RequestSize.TOO_LARGE) {
            return 0;
        }
        long nb = RequestSize.bounded(exact);
        boolean small = Bins.inSmallbinRange(nb);
        av.operations++;
        if (av.isNone()) {
            return perturbed(av, Sysmalloc.sysmalloc(av, tcache, nb), bytes);
        }
        if (small) {
            long mem = nb <= av.mp.maxFast ? fromFastbin(av, tcache, nb) : 0;
            if (mem == 0) {
                mem = fromSmallbin(av, tcache, nb);
            }
            if (mem != 0) {
                return perturbed(av, mem, bytes);
            }
        } else if (av.haveFastchunks) {
            // A large request is a good time to merge: programs ask for much either often or hardly ever.
            Fastbins.mallocConsolidate(av);
        }
        int own = Bins.binIndex(nb);
        av.tcacheUnsortedCount = 0;
        for (; ; ) {
            // The rung is a method of its own: looking from here spares the call where nothing waits.
            long unsorted = av.unsortedChunks();
            long mem = Bins.last(unsorted) == unsorted ? 0 : fromUnsorted(av, tcache, nb, bytes);
            if (mem != 0) {
                return mem;
            }
            if (!small) {
                mem = fromOwnLargebin(av, nb, own);
                if (mem != 0) {
                    return perturbed(av, mem, bytes);
                }
            }
            mem = fromLargerBin(av, nb, own + 1);
            if (mem != 0) {
                return perturbed(av, mem, bytes);
            }
            long topSize = chunkSize(av.top);
            if (Long.compareUnsigned(topSize, av.systemMem) > 0) {
                throw av.mp.mallocPrinterr("malloc(): corrupted top size");
            }
            mem = cutTop(av, av.top, topSize, nb);
            if (mem != 0) {
                return perturbed(av, mem, bytes);
            }
            if (av.haveFastchunks) {
                Fastbins.mallocConsolidate(av);
            } else if (!av.mp.arenas.sweep(av)) {
                return perturbed(av, Sysmalloc.sysmalloc(av, tcache, nb), bytes);
            }
            // Merged, or dead threads have given back what they had before more memory is asked for: once more.
        }
    }

    private static long perturbed(MallocState av, long mem, long bytes) {
        if (mem != 0) {
            av.mp.allocPerturb(mem, bytes);
        }
        return mem;
    }

    /**
     * A zeroed block; the arena's lock is held.
     *
     * @param bytes the request, unsigned
     */
    static long calloc(MallocState av, Tcache tcache, long bytes) {
        long oldTop = av.top;
        long dirty = possiblyDirty(av, oldTop);
        int interruptions = av.interruptions;
        long mem = malloc(av, tcache, bytes);
        if (mem != 0) {
            long p = Chunk.mem2chunk(mem);
            // If others have had the lock in between, nothing is known of top any more.
            boolean fromOldTop = p == oldTop && av.interruptions == interruptions;
            clear(av.mp, p, bytes, fromOldTop ? dirty : -1);
        }
        return mem;
    }

    /** Bytes from {@code top} on that may have been used: what was ever accessible, the rest being new and zero. */
    private static long possiblyDirty(MallocState av, long top) {
        if (av.isNone()) {
            return 0;
        }
        long size = chunkSize(top);
        long everUsed;
        if (av.isMain()) {
            everUsed = av.mp.sbrkBase + av.maxSystemMem - top;
        } else {
            long heap = HeapInfo.heapForPtr(av.mp, top);
            everUsed = heap + HeapInfo.mprotectSize(heap) - top;
        }
        return Long.compareUnsigned(size, everUsed) < 0 ? everUsed : size;
    }

    private static void clear(MallocPar mp, long p, long bytes, long dirty) {
        if (Chunk.isMmapped(p)) {
            if (mp.perturbByte != 0) {
                Memory.fill(chunk2mem(p), bytes, (byte) 0);
            }
            return;
        }
        long size = chunkSize(p);
        if (mp.perturbByte == 0 && Long.compareUnsigned(size, dirty) > 0) {
            size = dirty;
        }
        Memory.fill(chunk2mem(p), size - Chunk.SIZE_SZ, (byte) 0);
    }

    private static long fromFastbin(MallocState av, Tcache tcache, long nb) {
        int index = Fastbins.index(nb);
        long victim = av.fastbinHead(index);
        if (victim == 0) {
            return 0;
        }
        if (Chunk.misaligned(victim)) {
            throw av.mp.mallocPrinterr("malloc(): unaligned fastbin chunk detected 2");
        }
        Fastbins.pop(av, index, victim);
        if (Fastbins.index(chunkSize(victim)) != index) {
            throw av.mp.mallocPrinterr("malloc(): memory corruption (fast)");
        }
        assert CheckMallocState.remallocedChunk(av, victim, nb);
        stashFastbin(av, tcache, index, TcacheBins.smallIndex(nb));
        return chunk2mem(victim);
    }

    /** While here, move more chunks of this size to the tcache, as many as it takes. */
    private static void stashFastbin(MallocState av, Tcache tcache, int index, long tcIndex) {
        long victim;
        while (tcache.hasSmallRoom(tcIndex) && (victim = av.fastbinHead(index)) != 0) {
            if (Chunk.misaligned(victim)) {
                throw av.mp.mallocPrinterr("malloc(): unaligned fastbin chunk detected 3");
            }
            Fastbins.pop(av, index, victim);
            tcache.put(victim, tcIndex);
        }
    }

    private static long fromSmallbin(MallocState av, Tcache tcache, long nb) {
        long bin = av.binAt(Bins.smallbinIndex(nb));
        long victim = Bins.last(bin);
        if (victim == bin) {
            return 0;
        }
        if (fd(bk(victim)) != victim) {
            throw av.mp.mallocPrinterr("malloc(): smallbin double linked list corrupted");
        }
        takeLast(av, bin, victim, nb);
        assert CheckMallocState.mallocedChunk(av, victim, nb);
        stashSmallbin(av, tcache, bin, nb);
        return chunk2mem(victim);
    }

    private static void stashSmallbin(MallocState av, Tcache tcache, long bin, long nb) {
        long tcIndex = TcacheBins.smallIndex(nb);
        long victim;
        while (tcache.hasSmallRoom(tcIndex) && (victim = Bins.last(bin)) != bin) {
            takeLast(av, bin, victim, nb);
            tcache.put(victim, tcIndex);
        }
    }

    private static void takeLast(MallocState av, long bin, long victim, long nb) {
        setInuseBitAtOffset(victim, nb);
        markArena(av, victim);
        long bck = bk(victim);
        setBk(bin, bck);
        setFd(bck, bin);
    }

    /** Chunks wait in bins without the A flag and get it when they are handed out. */
    private static void markArena(MallocState av, long victim) {
        if (!av.isMain()) {
            Chunk.setNonMainArena(victim);
        }
    }

    /**
     * Empties the unsorted list from its end. This is the only place where chunks get into small and large bins: each has
     * had one chance to be split or taken before.
     */
    private static long fromUnsorted(MallocState av, Tcache tcache, long nb, long bytes) {
        MallocPar mp = av.mp;
        long bin = av.unsortedChunks();
        long tcIndex = TcacheBins.smallIndex(nb);
        boolean returnCached = false;
        long victim;
        for (int iters = 0; iters < MAX_ITERS && (victim = bk(bin)) != bin; ) {
            long bck = bk(victim);
            long size = chunkSize(victim);
            long next = victim + size;
            if (size <= CHUNK_HDR_SZ || Long.compareUnsigned(size, av.systemMem) > 0) {
                throw mp.mallocPrinterr("malloc(): invalid size (unsorted)");
            }
            long nextHead = sizeField(next);
            if (Long.compareUnsigned(nextHead, CHUNK_HDR_SZ) < 0 || Long.compareUnsigned(nextHead, av.systemMem) > 0) {
                throw mp.mallocPrinterr("malloc(): invalid next size (unsorted)");
            }
            if ((prevSize(next) & ~SIZE_BITS) != size) {
                throw mp.mallocPrinterr("malloc(): mismatching next->prev_size (unsorted)");
            }
            // glibc asks for the first of these two once more before it takes the chunk out, and cannot find otherwise.
            if (fd(bck) != victim || fd(victim) != bin) {
                throw mp.mallocPrinterr("malloc(): unsorted double linked list corrupted");
            }
            if ((nextHead & PREV_INUSE) != 0) {
                throw mp.mallocPrinterr("malloc(): invalid next->prev_inuse (unsorted)");
            }
            if (bck == bin && splitsLastRemainder(av, victim, size, nb)) {
                mp.allocPerturb(chunk2mem(victim), bytes);
                return chunk2mem(victim);
            }
            setBk(bin, bck);
            setFd(bck, bin);
            if (size == nb) {
                setInuseBitAtOffset(victim, size);
                markArena(av, victim);
                if (!tcache.hasSmallRoom(tcIndex)) {
                    assert CheckMallocState.mallocedChunk(av, victim, nb);
                    mp.allocPerturb(chunk2mem(victim), bytes);
                    return chunk2mem(victim);
                }
                // Fill the tcache first: more of this size may follow.
                tcache.put(victim, tcIndex);
                returnCached = true;
                continue;
            }
            Bins.place(av, victim, size);
            av.tcacheUnsortedCount++;
            boolean searchedEnough = mp.tcacheUnsortedLimit != 0
                    && Long.compareUnsigned(av.tcacheUnsortedCount, mp.tcacheUnsortedLimit) > 0;
            if (returnCached && searchedEnough) {
                break;
            }
            iters++;
        }
        return returnCached ? tcache.get(tcIndex) : 0;
    }

    /**
     * Runs of small requests are cut from the same chunk, so that they lie side by side: if the only unsorted chunk is what
     * the last such split left, split it again.
     */
    private static boolean splitsLastRemainder(MallocState av, long victim, long size, long nb) {
        if (!Bins.inSmallbinRange(nb) || victim != av.lastRemainder || size <= nb + MINSIZE) {
            return false;
        }
        long bin = av.unsortedChunks();
        long remainder = victim + nb;
        Bins.link(remainder, bin, bin);
        Bins.clearNextsize(remainder, size - nb);
        av.lastRemainder = remainder;
        writeSplit(av, victim, nb, remainder, size - nb);
        assert CheckMallocState.mallocedChunk(av, victim, nb);
        return true;
    }

    private static long fromOwnLargebin(MallocState av, long nb, int index) {
        long bin = av.binAt(index);
        long victim = Bins.first(bin);
        if (victim == bin || Long.compareUnsigned(sizeField(victim), nb) < 0) {
            return 0;
        }
        // From the largest the ring leads to the smallest, and from there upwards.
        victim = bkNextsize(victim);
        long size;
        while (Long.compareUnsigned(size = chunkSize(victim), nb) < 0) {
            victim = bkNextsize(victim);
        }
        // The second chunk of a size is no ring member: taking that one leaves the ring alone.
        if (victim != Bins.last(bin) && sizeField(victim) == sizeField(fd(victim))) {
            victim = fd(victim);
        }
        Bins.unlinkChunk(av, victim, size);
        carve(av, victim, size, nb, "malloc(): corrupted unsorted chunks");
        return chunk2mem(victim);
    }

    private static long fromLargerBin(MallocState av, long nb, int from) {
        for (int i = Binmap.nextMarked(av, from); i < Bins.NBINS; i = Binmap.nextMarked(av, i + 1)) {
            long bin = av.binAt(i);
            long victim = Bins.last(bin);
            if (victim == bin) {
                Binmap.unmarkBin(av, i);
                continue;
            }
            long size = chunkSize(victim);
            av.mp.require(size >= nb, "_int_malloc", "a chunk of a larger bin is large enough");
            Bins.unlinkChunk(av, victim, size);
            if (carve(av, victim, size, nb, "malloc(): corrupted unsorted chunks 2") && Bins.inSmallbinRange(nb)) {
                av.lastRemainder = victim + nb;
            }
            return chunk2mem(victim);
        }
        return 0;
    }

    /**
     * Makes a chunk of {@code nb} bytes out of an unlinked one; what is left goes to the unsorted list.
     *
     * @return whether anything was left
     */
    private static boolean carve(MallocState av, long victim, long size, long nb, String message) {
        boolean split = size - nb >= MINSIZE;
        if (split) {
            long remainder = victim + nb;
            Bins.linkUnsorted(av, remainder, size - nb, message);
            writeSplit(av, victim, nb, remainder, size - nb);
        } else {
            setInuseBitAtOffset(victim, size);
            markArena(av, victim);
        }
        assert CheckMallocState.mallocedChunk(av, victim, nb);
        return split;
    }

    private static void writeSplit(MallocState av, long victim, long nb, long remainder, long remainderSize) {
        setHead(victim, nb | PREV_INUSE | av.nonMainArena);
        setHead(remainder, remainderSize | PREV_INUSE);
        setFoot(remainder, remainderSize);
    }

    /** The low end of top, or 0 if it is too small: a chunk of at least {@link Chunk#MINSIZE} stays, top is never used up. */
    static long cutTop(MallocState av, long victim, long size, long nb) {
        if (Long.compareUnsigned(size, nb + MINSIZE) < 0) {
            return 0;
        }
        long remainder = victim + nb;
        av.top = remainder;
        setHead(victim, nb | PREV_INUSE | av.nonMainArena);
        setHead(remainder, size - nb | PREV_INUSE);
        assert CheckMallocState.mallocedChunk(av, victim, nb);
        return chunk2mem(victim);
    }
}
