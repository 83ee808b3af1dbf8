package io.github.ptmalloc4j.ptmalloc;

import static io.github.ptmalloc4j.ptmalloc.Chunk.MALLOC_ALIGNMENT;
import static io.github.ptmalloc4j.ptmalloc.Chunk.MALLOC_ALIGN_MASK;
import static io.github.ptmalloc4j.ptmalloc.Chunk.MINSIZE;
import static io.github.ptmalloc4j.ptmalloc.Chunk.bk;
import static io.github.ptmalloc4j.ptmalloc.Chunk.bkNextsize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.chunk2mem;
import static io.github.ptmalloc4j.ptmalloc.Chunk.chunkSize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.fd;
import static io.github.ptmalloc4j.ptmalloc.Chunk.fdField;
import static io.github.ptmalloc4j.ptmalloc.Chunk.fdNextsize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.nextChunk;
import static io.github.ptmalloc4j.ptmalloc.Chunk.prevInuse;
import static io.github.ptmalloc4j.ptmalloc.Chunk.prevSize;

import java.util.List;

/**
 * The invariants, one method each: what must hold of a chunk in each of its states and of an arena as a whole. Each returns
 * true, so that it can stand in an {@code assert}, or throws an {@link AssertionError} that names what does not hold.
 *
 * <pre>
 *   free chunk p:    footer = size,  P of p set,  the next chunk in use or top,  fd.bk = bk.fd = p
 *   chunk in use p:  P of the next chunk set,  free neighbours are sound free chunks
 *   large bin:       sizes fall from head to tail;  the ring holds the first chunk of each size, in the same order
 *   binmap:          a bin with a chunk has its bit set
 *   arena:           the sizes of all chunks add up to what came from the system, less foreign gaps
 *   main arena:      contiguous implies top ends at base + system memory, and that on a page
 * </pre>
 */
final class CheckMallocState {
    private CheckMallocState() {}

    private static void require(boolean holds, String invariant, long p) {
        if (!holds) {
            throw new AssertionError("chunk 0x%x (size word 0x%x): %s".formatted(p, Chunk.sizeField(p), invariant));
        }
    }

    /** What holds of any chunk of the arena. */
    static boolean chunk(MallocState av, long p) {
        if (Chunk.isMmapped(p)) {
            require(av.mp.mmappedChunks.contains(p), "a mmapped chunk that this heap has not mapped", p);
            require((prevSize(p) + chunkSize(p) & av.mp.pagesize - 1) == 0, "a mapping is whole pages", p);
        } else if (p == av.top) {
            require(chunkSize(p) >= MINSIZE, "top is never smaller than a chunk", p);
            require(prevInuse(p), "the chunk before top is in use, or it would be part of top", p);
        } else if (av.isContiguous()) {
            require(p >= nextChunk(av.top) - av.systemMem, "no chunk lies below the arena", p);
            require(nextChunk(p) <= av.top, "no chunk reaches into top", p);
        }
        require(!Chunk.misaligned(p), "chunks are aligned", p);
        return true;
    }

    /** What holds of a chunk in a bin. */
    static boolean freeChunk(MallocState av, long p) {
        chunk(av, p);
        long size = chunkSize(p);
        require(!Chunk.isMmapped(p), "a free chunk is no mapping of its own", p);
        require(Chunk.isMainArena(p), "a free chunk has no A flag", p);
        require(!Chunk.inuse(p), "the chunk behind a free chunk knows that it is free", p);
        require(size >= MINSIZE && (size & MALLOC_ALIGN_MASK) == 0, "a free chunk has a possible size", p);
        require(prevSize(p + size) == size, "the footer repeats the size", p);
        require(prevInuse(p), "the chunk before a free chunk is in use, or they would be one", p);
        require(p + size == av.top || Chunk.inuse(p + size), "the chunk behind is in use, or they would be one", p);
        require(bk(fd(p)) == p && fd(bk(p)) == p, "neighbours in the list point back", p);
        return true;
    }

    /** What holds of a chunk that looks in use. */
    static boolean inuseChunk(MallocState av, long p) {
        chunk(av, p);
        if (Chunk.isMmapped(p)) {
            return true;
        }
        require(Chunk.inuse(p), "the chunk behind one in use knows that it is in use", p);
        if (!prevInuse(p)) {
            long before = Chunk.prevChunk(p);
            require(nextChunk(before) == p, "prev_size leads to the chunk before", p);
            freeChunk(av, before);
        }
        long next = nextChunk(p);
        if (next == av.top) {
            chunk(av, next);
        } else if (!Chunk.inuse(next)) {
            freeChunk(av, next);
        }
        return true;
    }

    /** What holds of a chunk taken from a fast bin for a request of size {@code nb}. */
    static boolean remallocedChunk(MallocState av, long p, long nb) {
        long size = chunkSize(p);
        if (!Chunk.isMmapped(p)) {
            require(Chunk.isMainArena(p) == av.isMain(), "a chunk belongs to the arena that handed it out", p);
        }
        inuseChunk(av, p);
        require((size & MALLOC_ALIGN_MASK) == 0 && size >= MINSIZE, "a chunk in use has a possible size", p);
        require(size >= nb && size < nb + MINSIZE, "a chunk fits its request, with less than a chunk to spare", p);
        require((chunk2mem(p) & MALLOC_ALIGN_MASK) == 0, "what the user gets is aligned", p);
        return true;
    }

    /** What holds of a chunk made from free memory for a request of size {@code nb}. */
    static boolean mallocedChunk(MallocState av, long p, long nb) {
        remallocedChunk(av, p, nb);
        require(prevInuse(p), "chunks are cut from the low end of free memory, whose neighbour is in use", p);
        return true;
    }

    /** What holds of an arena's lists; not its chunks in use. */
    static boolean mallocState(MallocState av) {
        if (av.top == av.initialTop()) {
            return true;
        }
        MallocPar mp = av.mp;
        if (av.isMain() && av.isContiguous()) {
            require(mp.sbrkBase + av.systemMem == nextChunk(av.top), "top ends where the system's memory ends", av.top);
        }
        chunk(av, av.top);
        for (int i = 0; i < Fastbins.NFASTBINS; i++) {
            fastbin(av, i);
        }
        for (int i = 1; i < Bins.NBINS; i++) {
            bin(av, i);
        }
        return true;
    }

    private static void fastbin(MallocState av, int index) {
        for (long p = av.fastbinHead(index); p != 0; p = SafeLinking.reveal(fdField(p))) {
            require(!Chunk.misaligned(p), "links of fast bins lead to chunks", p);
            require(av.haveFastchunks, "the arena knows that it has fast chunks", p);
            require(Fastbins.index(chunkSize(p)) == index, "a fast bin holds chunks of one size", p);
            inuseChunk(av, p);
        }
    }

    private static void bin(MallocState av, int index) {
        long bin = av.binAt(index);
        if (index >= 2 && !Binmap.isMarked(av, index)) {
            require(Bins.last(bin) == bin, "a bin that is not marked is empty", Bins.last(bin));
        }
        for (long p = Bins.last(bin); p != bin; p = bk(p)) {
            long size = chunkSize(p);
            freeChunk(av, p);
            if (index >= 2) {
                require(Bins.binIndex(size) == index, "a chunk waits in the bin of its size", p);
                require(bk(p) == bin || chunkSize(bk(p)) >= size, "a bin is sorted, largest first", p);
            }
            if (index >= 2 && !Bins.inSmallbinRange(size)) {
                sizeRing(bin, p, size);
            }
        }
    }

    private static void sizeRing(long bin, long p, long size) {
        boolean firstOfItsSize = bk(p) == bin || chunkSize(bk(p)) != size;
        if (!firstOfItsSize) {
            require(fdNextsize(p) == 0 && bkNextsize(p) == 0, "only the first of a size is in the ring", p);
            return;
        }
        long smaller = fdNextsize(p);
        require(bkNextsize(smaller) == p && fdNextsize(bkNextsize(p)) == p, "neighbours in the ring point back", p);
        require(smaller == Bins.first(bin) || chunkSize(smaller) < size, "the ring leads to the next smaller size", p);
    }

    /** Everything of an arena, chunk by chunk. */
    static boolean whole(MallocState av, Iterable<Tcache> tcaches) {
        mallocState(av);
        tcaches.forEach(CheckMallocState::tcache);
        av.mp.arenas.transfer.forEach(CheckMallocState::inStack);
        List<HeapChunk> chunks = HeapWalk.walk(av, tcaches);
        long bytes = 0;
        long binned = 0;
        for (HeapChunk chunk : chunks) {
            switch (chunk.state()) {
                case IN_USE, TCACHE, FAST -> inuseChunk(av, chunk.address());
                case UNSORTED, SMALL, LARGE -> binned++;
                default -> chunk(av, chunk.address());
            }
            bytes += chunk.size();
        }
        require(bytes <= av.systemMem, "the chunks are no more than what came from the system", av.top);
        if (av.areas().length <= 1) {
            // With one area there is no gap that somebody else left, and no heap is closed.
            long header = av.isMain() ? 0 : MallocState.firstChunk(0);
            long skipped = av.systemMem - header - bytes;
            require(
                    skipped >= 0 && skipped < MALLOC_ALIGNMENT,
                    "the chunks are all that came from the system, but for what aligns the first",
                    av.top);
        }
        require(binned == countBinned(av), "every chunk in a bin lies in the arena", av.top);
        return true;
    }

    private static long countBinned(MallocState av) {
        long count = 0;
        for (int i = 1; i < Bins.NBINS; i++) {
            long bin = av.binAt(i);
            for (long p = Bins.first(bin); p != bin; p = fd(p)) {
                count++;
            }
        }
        return count;
    }

    private static void inStack(long mem, int index) {
        long p = Chunk.mem2chunk(mem);
        require(TcacheBins.exactIndex(chunkSize(p)) == index, "a stack of the tcache holds chunks of one size", p);
    }

    private static void tcache(Tcache tcache) {
        for (int i = 0; i < tcache.stacks(); i++) {
            int count = 0;
            for (long mem = tcache.top(i); mem != 0; mem = SafeLinking.reveal(mem)) {
                inStack(mem, i);
                count++;
            }
            if (count != tcache.count(i)) {
                throw new AssertionError(
                        "tcache stack %d counts %d chunks and holds %d".formatted(i, tcache.count(i), count));
            }
        }
    }
}
