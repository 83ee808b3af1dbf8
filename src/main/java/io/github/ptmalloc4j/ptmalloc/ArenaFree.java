package io.github.ptmalloc4j.ptmalloc;

import static io.github.ptmalloc4j.ptmalloc.Chunk.CHUNK_HDR_SZ;
import static io.github.ptmalloc4j.ptmalloc.Chunk.MINSIZE;
import static io.github.ptmalloc4j.ptmalloc.Chunk.PREV_INUSE;
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
     * Frees a chunk that is no mapping of its own.
     *
     * @param haveLock whether this is part of another call on the arena, which holds its lock
     */
    static void free(MallocState av, Tcache tcache, long p, boolean haveLock) {
        long size = chunkSize(p);
        requireChunk(av, p, size);
        long tcIndex = Tcache.index(size);
        if (tcache.covers(tcIndex)) {
            tcache.requireAbsent(p, tcIndex);
            if (tcache.hasRoom(tcIndex)) {
                tcache.put(p, tcIndex);
                return;
            }
        }
        assert CheckMallocState.inuseChunk(av, p);
        if (size <= av.mp.maxFast) {
            toFastbin(av, p, size, haveLock);
        } else {
            toBinOrTop(av, p, size);
        }
    }

    private static void requireChunk(MallocState av, long p, long size) {
        if (Long.compareUnsigned(p, -size) > 0 || Chunk.misaligned(p)) {
            throw av.mp.mallocPrinterr("free(): invalid pointer");
        }
        if (size < MINSIZE || Chunk.misaligned(size)) {
            throw av.mp.mallocPrinterr("free(): invalid size");
        }
    }

    private static void toFastbin(MallocState av, long p, long size, boolean haveLock) {
        if (hasImpossibleSize(av, p + size)) {
            throw av.mp.mallocPrinterr("free(): invalid next size (fast)");
        }
        av.mp.freePerturb(chunk2mem(p), size - CHUNK_HDR_SZ);
        av.haveFastchunks = true;
        int index = Fastbins.index(size);
        long old = av.fastbinHead(index);
        if (old == p) {
            throw av.mp.mallocPrinterr("double free or corruption (fasttop)");
        }
        Fastbins.push(av, index, p);
        // Only under the lock is the old head surely still in the list, so that its size may be read.
        if (haveLock && old != 0 && Fastbins.index(chunkSize(old)) != index) {
            throw av.mp.mallocPrinterr("invalid fastbin entry (free)");
        }
    }

    private static void toBinOrTop(MallocState av, long p, long size) {
        long next = p + size;
        requireInuse(av, p, next);
        long nextSize = chunkSize(next);
        if (hasImpossibleSize(av, next)) {
            throw av.mp.mallocPrinterr("free(): invalid next size (normal)");
        }
        av.mp.freePerturb(chunk2mem(p), size - CHUNK_HDR_SZ);
        if (!prevInuse(p)) {
            long prevSize = prevSize(p);
            size += prevSize;
            p -= prevSize;
            if (chunkSize(p) != prevSize) {
                throw av.mp.mallocPrinterr("corrupted size vs. prev_size while consolidating");
            }
            Bins.unlinkChunk(av, p);
        }
        if (next == av.top) {
            size += nextSize;
            setHead(p, size | PREV_INUSE);
            av.top = p;
            assert CheckMallocState.chunk(av, p);
        } else {
            size += mergeNext(av, next, nextSize);
            Bins.linkUnsorted(av, p, size, "free(): corrupted unsorted chunks");
            setHead(p, size | PREV_INUSE);
            setFoot(p, size);
            assert CheckMallocState.freeChunk(av, p);
        }
        if (size >= Fastbins.FASTBIN_CONSOLIDATION_THRESHOLD) {
            consolidateAndTrim(av);
        }
    }

    private static void requireInuse(MallocState av, long p, long next) {
        if (p == av.top) {
            throw av.mp.mallocPrinterr("double free or corruption (top)");
        }
        if (av.isContiguous() && Long.compareUnsigned(next, Chunk.nextChunk(av.top)) >= 0) {
            throw av.mp.mallocPrinterr("double free or corruption (out)");
        }
        if (!prevInuse(next)) {
            throw av.mp.mallocPrinterr("double free or corruption (!prev)");
        }
    }

    /** No chunk is smaller than a header or larger than all that the arena has. */
    static boolean hasImpossibleSize(MallocState av, long p) {
        return Long.compareUnsigned(sizeField(p), CHUNK_HDR_SZ) <= 0
                || Long.compareUnsigned(chunkSize(p), av.systemMem) >= 0;
    }

    /** The bytes that a free chunk behind the freed one adds; one in use is told that it now has a free chunk before it. */
    private static long mergeNext(MallocState av, long next, long nextSize) {
        if (Chunk.inuseBitAtOffset(next, nextSize)) {
            Chunk.clearInuseBitAtOffset(next, 0);
            return 0;
        }
        Bins.unlinkChunk(av, next);
        return nextSize;
    }

    private static void consolidateAndTrim(MallocState av) {
        if (av.haveFastchunks) {
            Fastbins.mallocConsolidate(av);
        }
        if (Long.compareUnsigned(chunkSize(av.top), av.mp.trimThreshold) >= 0) {
            Systrim.systrim(av, av.mp.topPad);
        }
    }
}
