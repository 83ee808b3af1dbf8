package io.github.ptmalloc4j.ptmalloc;

import static io.github.ptmalloc4j.ptmalloc.Chunk.PREV_INUSE;
import static io.github.ptmalloc4j.ptmalloc.Chunk.SIZE_BITS;
import static io.github.ptmalloc4j.ptmalloc.Chunk.chunkSize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.fdField;
import static io.github.ptmalloc4j.ptmalloc.Chunk.prevSize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.setFoot;
import static io.github.ptmalloc4j.ptmalloc.Chunk.setHead;
import static io.github.ptmalloc4j.ptmalloc.Chunk.sizeField;

import io.github.ptmalloc4j.os.Memory;

/**
 * Stacks of small freed chunks, one size each, that nobody merges until {@link #mallocConsolidate}. Singly linked through
 * fd with {@link SafeLinking}; the chunk freed last is handed out first.
 */
final class Fastbins {
    static final int NFASTBINS = 10;

    /** A merged chunk of at least this many bytes makes free consolidate and trim. */
    static final long FASTBIN_CONSOLIDATION_THRESHOLD = 65536;

    private Fastbins() {}

    static int index(long chunkSize) {
        return (int) (chunkSize >>> 4) - 2;
    }

    /**
     * Puts a chunk onto a stack.
     *
     * @param old the head so far
     */
    static void push(MallocState av, int index, long p, long old) {
        SafeLinking.protect(fdField(p), old);
        Memory.putLong(av.fastbin(index), p);
    }

    /** Takes the head {@code p} off the stack. */
    static void pop(MallocState av, int index, long p) {
        Memory.putLong(av.fastbin(index), SafeLinking.reveal(fdField(p)));
    }

    /** Empties all fast bins, merging each chunk with its free neighbours, into the unsorted list or into top. */
    static void mallocConsolidate(MallocState av) {
        av.haveFastchunks = false;
        for (int i = 0; i < NFASTBINS; i++) {
            long p = av.fastbinHead(i);
            Memory.putLong(av.fastbin(i), 0);
            while (p != 0) {
                p = consolidate(av, i, p);
            }
        }
        assert CheckMallocState.mallocState(av);
    }

    /** Merges one chunk; returns the one that it was linked to. */
    private static long consolidate(MallocState av, int index, long p) {
        if (Chunk.misaligned(p)) {
            throw av.mp.mallocPrinterr("malloc_consolidate(): unaligned fastbin chunk detected");
        }
        long head = sizeField(p);
        long size = head & ~SIZE_BITS;
        if (index(size) != index) {
            throw av.mp.mallocPrinterr("malloc_consolidate(): invalid chunk size");
        }
        assert CheckMallocState.inuseChunk(av, p);
        final long following = SafeLinking.reveal(fdField(p));
        long next = p + size;
        long nextHead = sizeField(next);
        long nextSize = nextHead & ~SIZE_BITS;
        if ((head & PREV_INUSE) == 0) {
            long prevSize = prevSize(p);
            size += prevSize;
            p -= prevSize;
            if (prevSize != chunkSize(p)) {
                throw av.mp.mallocPrinterr("corrupted size vs. prev_size in fastbins");
            }
            Bins.unlinkChunk(av, p, prevSize);
        }
        if (next == av.top) {
            setHead(p, size + nextSize | PREV_INUSE);
            av.top = p;
            return following;
        }
        if (Chunk.inuseBitAtOffset(next, nextSize)) {
            setHead(next, nextHead & ~PREV_INUSE);
        } else {
            size += nextSize;
            Bins.unlinkChunk(av, next, nextSize);
        }
        long bin = av.unsortedChunks();
        Bins.link(p, bin, Bins.first(bin));
        Bins.clearNextsize(p, size);
        setHead(p, size | PREV_INUSE);
        setFoot(p, size);
        return following;
    }
}
