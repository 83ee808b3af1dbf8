package io.github.ptmalloc4j.ptmalloc;

import static io.github.ptmalloc4j.ptmalloc.Chunk.CHUNK_HDR_SZ;
import static io.github.ptmalloc4j.ptmalloc.Chunk.MINSIZE;
import static io.github.ptmalloc4j.ptmalloc.Chunk.PREV_INUSE;
import static io.github.ptmalloc4j.ptmalloc.Chunk.SIZE_BITS;
import static io.github.ptmalloc4j.ptmalloc.Chunk.chunk2mem;
import static io.github.ptmalloc4j.ptmalloc.Chunk.chunkSize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.prevInuse;
import static io.github.ptmalloc4j.ptmalloc.Chunk.prevSize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.setFoot;
import static io.github.ptmalloc4j.ptmalloc.Chunk.setHead;
import static io.github.ptmalloc4j.ptmalloc.Chunk.sizeField;

/**
 * Freeing to an arena: glibc's {@code _int_free}. To the tcache if it has room, to a fast bin if small, else merged with
 * free neighbours into the unsorted list or into top; and if the merged piece is large, fast bins are merged too and memory
 * may go back to the system.
 */
final class ArenaFree {
    private ArenaFree() {}

    /**
     * Frees a chunk in the course of another call, which holds the arena's lock.
     *
     * @param p a chunk that is no mapping of its own
     */
    static void freeLocked(MallocState av, Tcache tcache, long p) {
        long size = chunkSize(p);
        if (!toTcache(av.mp, tcache, p, size)) {
            toArena(av, p, size, true);
        }
    }

    /**
     * Puts a chunk into the thread's tcache, if that has room. Needs no lock: a chunk in use is its user's.
     *
     * @return whether that is done
     */
    static boolean toTcache(MallocPar mp, Tcache tcache, long p, long size) {
        requireChunk(mp, p, size);
        long index = TcacheBins.exactIndex(size);
        if (!tcache.covers(index)) {
            return false;
        }
        tcache.requireAbsent(p, index);
        if (!tcache.hasRoom(index)) {
            return false;
        }
        tcache.put(p, index);
        return true;
    }

    /** What any chunk that is freed must look like. */
    static void requireChunk(MallocPar mp, long p, long size) {
        if (Long.compareUnsigned(p, -size) > 0 || Chunk.misaligned(p)) {
            throw mp.mallocPrinterr("free(): invalid pointer");
        }
        if (size < MINSIZE || Chunk.misaligned(size)) {
            throw mp.mallocPrinterr("free(): invalid size");
        }
    }

    /**
     * Puts a chunk into a fast bin, the unsorted list or top; the arena's lock is held.
     *
     * @param amidst whether another call on the arena frees it: such a call looks at the fast bin more closely
     */
    static void toArena(MallocState av, long p, long size, boolean amidst) {
        assert CheckMallocState.inuseChunk(av, p);
        av.operations++;
        if (size <= av.mp.maxFast) {
            toFastbin(av, p, size, amidst);
        } else {
            toBinOrTop(av, p, size);
        }
    }

    private static void toFastbin(MallocState av, long p, long size, boolean amidst) {
        if (isImpossible(av, sizeField(p + size))) {
            throw av.mp.mallocPrinterr("free(): invalid next size (fast)");
        }
        av.mp.freePerturb(chunk2mem(p), size - CHUNK_HDR_SZ);
        av.haveFastchunks = true;
        int index = Fastbins.index(size);
        long old = av.fastbinHead(index);
        if (old == p) {
            throw av.mp.mallocPrinterr("double free or corruption (fasttop)");
        }
        Fastbins.push(av, index, p, old);
        // In glibc only a caller with the lock may read the size of the old head, which may be gone otherwise.
        if (amidst && old != 0 && Fastbins.index(chunkSize(old)) != index) {
            throw av.mp.mallocPrinterr("invalid fastbin entry (free)");
        }
    }

    /**
     * Merges with what is free on either side, into the unsorted list or into top.
     *
     * <p>In one piece, and each word read once: a method of more than 325 bytecodes is compiled by itself, and what the JIT may
     * inline into one compilation is enough for its thirty accesses to memory and not for those of its callers as well.
     */
    private static void toBinOrTop(MallocState av, long p, long size) {
        long next = p + size;
        if (p == av.top) {
            throw av.mp.mallocPrinterr("double free or corruption (top)");
        }
        if (av.isContiguous() && Long.compareUnsigned(next, Chunk.nextChunk(av.top)) >= 0) {
            throw av.mp.mallocPrinterr("double free or corruption (out)");
        }
        long nextHead = sizeField(next);
        if ((nextHead & PREV_INUSE) == 0) {
            throw av.mp.mallocPrinterr("double free or corruption (!prev)");
        }
        long nextSize = nextHead & ~SIZE_BITS;
        if (Long.compareUnsigned(nextHead, CHUNK_HDR_SZ) <= 0 || Long.compareUnsigned(nextSize, av.systemMem) >= 0) {
            throw av.mp.mallocPrinterr("free(): invalid next size (normal)");
        }
        av.mp.freePerturb(chunk2mem(p), size - CHUNK_HDR_SZ);

        // Backwards.
        if (!prevInuse(p)) {
            long prevSize = prevSize(p);
            size += prevSize;
            p -= prevSize;
            if (chunkSize(p) != prevSize) {
                throw av.mp.mallocPrinterr("corrupted size vs. prev_size while consolidating");
            }
            Bins.unlinkChunk(av, p, prevSize);
        }

        // Forwards.
        if (next == av.top) {
            size += nextSize;
            setHead(p, size | PREV_INUSE);
            av.top = p;
            assert CheckMallocState.chunk(av, p);
        } else {
            if (Chunk.inuseBitAtOffset(next, nextSize)) {
                // It stays, and is told that it now has a free chunk before it.
                setHead(next, nextHead & ~PREV_INUSE);
            } else {
                Bins.unlinkChunk(av, next, nextSize);
                size += nextSize;
            }
            Bins.linkUnsorted(av, p, size, "free(): corrupted unsorted chunks");
            setHead(p, size | PREV_INUSE);
            setFoot(p, size);
            assert CheckMallocState.freeChunk(av, p);
        }

        // A large piece is a reason to tidy up.
        if (size >= Fastbins.FASTBIN_CONSOLIDATION_THRESHOLD) {
            consolidateAndTrim(av);
        }
    }

    /**
     * No chunk is smaller than a header or larger than all that the arena has.
     *
     * @param head a size word
     */
    static boolean isImpossible(MallocState av, long head) {
        return Long.compareUnsigned(head, CHUNK_HDR_SZ) <= 0
                || Long.compareUnsigned(head & ~SIZE_BITS, av.systemMem) >= 0;
    }

    private static void consolidateAndTrim(MallocState av) {
        if (av.haveFastchunks) {
            Fastbins.mallocConsolidate(av);
        }
        if (!av.isMain()) {
            HeapTrim.heapTrim(av, av.mp.topPad);
        } else if (Long.compareUnsigned(chunkSize(av.top), av.mp.trimThreshold) >= 0) {
            Systrim.systrim(av, av.mp.topPad);
        }
    }
}
