package io.github.ptmalloc4j.ptmalloc;

import static io.github.ptmalloc4j.ptmalloc.Chunk.MALLOC_ALIGN_MASK;
import static io.github.ptmalloc4j.ptmalloc.Chunk.MINSIZE;
import static io.github.ptmalloc4j.ptmalloc.Chunk.PREV_INUSE;
import static io.github.ptmalloc4j.ptmalloc.Chunk.SIZE_BITS;
import static io.github.ptmalloc4j.ptmalloc.Chunk.chunk2mem;
import static io.github.ptmalloc4j.ptmalloc.Chunk.chunkSize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.mem2chunk;
import static io.github.ptmalloc4j.ptmalloc.Chunk.memSize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.setHead;
import static io.github.ptmalloc4j.ptmalloc.Chunk.setHeadSize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.setInuseBitAtOffset;
import static io.github.ptmalloc4j.ptmalloc.Chunk.sizeField;

import io.github.ptmalloc4j.os.Memory;

/**
 * Resizing within an arena: glibc's {@code _int_realloc}. In place where the chunk is large enough, or top or a free chunk
 * behind it makes it so; else a new chunk and a copy.
 */
final class ArenaRealloc {
    private ArenaRealloc() {}

    /**
     * Resizes a chunk that is no mapping of its own.
     *
     * @param nb the new chunk size, unsigned
     * @return the user's address, or 0 with the chunk untouched if there is no memory
     */
    static long realloc(MallocState av, Tcache tcache, long oldp, long oldSize, long nb) {
        if (ArenaFree.isImpossible(av, sizeField(oldp))) {
            throw av.mp.mallocPrinterr("realloc(): invalid old size");
        }
        assert CheckMallocState.inuseChunk(av, oldp);
        long next = oldp + oldSize;
        long nextHead = sizeField(next);
        if (ArenaFree.isImpossible(av, nextHead)) {
            throw av.mp.mallocPrinterr("realloc(): invalid next size");
        }
        if (Long.compareUnsigned(oldSize, nb) >= 0) {
            return cutBack(av, tcache, oldp, oldSize, nb);
        }
        long wanted = RequestSize.bounded(nb);
        long nextSize = nextHead & ~SIZE_BITS;
        long together = oldSize + nextSize;
        if (next == av.top) {
            if (together >= wanted + MINSIZE) {
                return growIntoTop(av, oldp, together, nb);
            }
        } else if (!Chunk.inuse(next) && together >= wanted) {
            Bins.unlinkChunk(av, next, nextSize);
            return cutBack(av, tcache, oldp, together, nb);
        }
        return move(av, tcache, oldp, oldSize, nb);
    }

    private static long growIntoTop(MallocState av, long oldp, long together, long nb) {
        setHeadSize(oldp, nb | av.nonMainArena);
        av.top = oldp + nb;
        setHead(av.top, together - nb | PREV_INUSE);
        assert CheckMallocState.inuseChunk(av, oldp);
        return chunk2mem(oldp);
    }

    private static long move(MallocState av, Tcache tcache, long oldp, long oldSize, long nb) {
        // The request that makes exactly nb.
        long mem = ArenaMalloc.malloc(av, tcache, nb - MALLOC_ALIGN_MASK);
        if (mem == 0) {
            return 0;
        }
        long newp = mem2chunk(mem);
        if (newp == oldp + oldSize) {
            // Merging fast bins made room right behind the old chunk: join instead of copying.
            return cutBack(av, tcache, oldp, oldSize + chunkSize(newp), nb);
        }
        Memory.copy(chunk2mem(oldp), mem, memSize(oldp));
        ArenaFree.freeLocked(av, tcache, oldp);
        assert CheckMallocState.inuseChunk(av, newp);
        return mem;
    }

    /** Keeps the first {@code nb} bytes of a chunk and frees the rest, if that makes a chunk. */
    private static long cutBack(MallocState av, Tcache tcache, long p, long size, long nb) {
        long remainderSize = size - nb;
        if (remainderSize < MINSIZE) {
            setHeadSize(p, size | av.nonMainArena);
            setInuseBitAtOffset(p, size);
        } else {
            long remainder = p + nb;
            setHeadSize(p, nb | av.nonMainArena);
            setHead(remainder, remainderSize | PREV_INUSE | av.nonMainArena);
            setInuseBitAtOffset(remainder, remainderSize);
            ArenaFree.freeLocked(av, tcache, remainder);
        }
        assert CheckMallocState.inuseChunk(av, p);
        return chunk2mem(p);
    }
}
