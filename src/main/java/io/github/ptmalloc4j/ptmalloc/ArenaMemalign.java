package io.github.ptmalloc4j.ptmalloc;

import static io.github.ptmalloc4j.ptmalloc.Chunk.IS_MMAPPED;
import static io.github.ptmalloc4j.ptmalloc.Chunk.MINSIZE;
import static io.github.ptmalloc4j.ptmalloc.Chunk.PREV_INUSE;
import static io.github.ptmalloc4j.ptmalloc.Chunk.chunk2mem;
import static io.github.ptmalloc4j.ptmalloc.Chunk.chunkSize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.mem2chunk;
import static io.github.ptmalloc4j.ptmalloc.Chunk.prevSize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.setHead;
import static io.github.ptmalloc4j.ptmalloc.Chunk.setHeadSize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.setInuseBitAtOffset;
import static io.github.ptmalloc4j.ptmalloc.Chunk.setPrevSize;

/**
 * Aligned allocation: glibc's {@code _int_memalign}. Takes a chunk with room to spare, starts it at the first aligned address
 * that leaves a whole chunk in front, and frees what is in front and behind.
 *
 * <pre>
 *   │◄──────────── chunk of nb + alignment + 32 ─────────────►│
 *   │ leader, freed │ the user's, aligned │ remainder, freed  │
 * </pre>
 */
final class ArenaMemalign {
    private ArenaMemalign() {}

    /**
     * A block of {@code bytes} bytes.
     *
     * @param alignment a power of two, at least {@link Chunk#MINSIZE}; unsigned
     * @return the user's address, or 0 if there is no memory
     */
    static long memalign(MallocState av, Tcache tcache, long alignment, long bytes) {
        long nb = RequestSize.toChunkSize(bytes);
        if (nb == RequestSize.TOO_LARGE || alignment < 0) {
            // Of 2^63 no address above 0 is a multiple.
            return 0;
        }
        long mem = ArenaMalloc.malloc(av, tcache, nb + alignment + MINSIZE);
        if (mem == 0) {
            return 0;
        }
        long p = mem2chunk(mem);
        if ((mem & alignment - 1) != 0) {
            p = startAt(av, tcache, p, alignedChunk(p, alignment));
        }
        if (!Chunk.isMmapped(p)) {
            giveBackTail(av, tcache, p, nb);
        }
        assert CheckMallocState.inuseChunk(av, p);
        return chunk2mem(p);
    }

    /** The first chunk behind {@code p} whose user's address is aligned and that leaves room for a chunk in front. */
    private static long alignedChunk(long p, long alignment) {
        long aligned = mem2chunk(chunk2mem(p) + alignment - 1 & -alignment);
        return aligned - p < MINSIZE ? aligned + alignment : aligned;
    }

    private static long startAt(MallocState av, Tcache tcache, long p, long newp) {
        long leadSize = newp - p;
        long newSize = chunkSize(p) - leadSize;
        if (Chunk.isMmapped(p)) {
            // There is nobody to give the leader to: remember where the mapping starts.
            setPrevSize(newp, prevSize(p) + leadSize);
            setHead(newp, newSize | IS_MMAPPED);
            av.mp.mmappedChunks.move(p, newp, p, leadSize + newSize);
            return newp;
        }
        setHead(newp, newSize | PREV_INUSE | av.nonMainArena);
        setInuseBitAtOffset(newp, newSize);
        setHeadSize(p, leadSize | av.nonMainArena);
        ArenaFree.freeLocked(av, tcache, p);
        return newp;
    }

    private static void giveBackTail(MallocState av, Tcache tcache, long p, long nb) {
        long size = chunkSize(p);
        if (size > nb + MINSIZE) {
            long remainder = p + nb;
            setHead(remainder, size - nb | PREV_INUSE | av.nonMainArena);
            setHeadSize(p, nb);
            ArenaFree.freeLocked(av, tcache, remainder);
        }
    }
}
