package io.github.ptmalloc4j.ptmalloc;

import static io.github.ptmalloc4j.ptmalloc.Chunk.CHUNK_HDR_SZ;
import static io.github.ptmalloc4j.ptmalloc.Chunk.SIZE_BITS;
import static io.github.ptmalloc4j.ptmalloc.Chunk.chunkSize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.fd;
import static io.github.ptmalloc4j.ptmalloc.Chunk.fdField;
import static io.github.ptmalloc4j.ptmalloc.Chunk.sizeField;

import io.github.ptmalloc4j.ptmalloc.HeapChunk.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Every chunk of an arena, from the first of each area to its end, each chunk's size leading to the next. What is free is
 * learned from the lists beforehand: a chunk itself does not tell.
 */
final class HeapWalk {
    /** Where a free chunk waits. */
    private record Place(State state, int bin) {}

    private final MallocState av;
    private final Map<Long, Place> free = new HashMap<>();
    private final List<HeapChunk> chunks = new ArrayList<>();

    private HeapWalk(MallocState av) {
        this.av = av;
    }

    /**
     * The chunks of one arena, whose lock is held.
     *
     * @param tcaches all tcaches: any of them may hold chunks of this arena
     */
    static List<HeapChunk> walk(MallocState av, Iterable<Tcache> tcaches) {
        HeapWalk walk = new HeapWalk(av);
        tcaches.forEach(walk::collectTcache);
        av.mp.arenas.transfer.forEach((mem, index) -> walk.place(Chunk.mem2chunk(mem), State.TCACHE, index));
        walk.collectFastbins();
        walk.collectBins();
        for (long start : av.areas()) {
            walk.area(start);
        }
        return walk.chunks;
    }

    /** The chunks that are mappings of their own. */
    static List<HeapChunk> mmapped(MallocPar mp) {
        return Arrays.stream(mp.mmappedChunks.chunks())
                .mapToObj(p -> of(p, State.MMAPPED, -1))
                .toList();
    }

    private void collectTcache(Tcache tcache) {
        for (int i = 0; i < tcache.stacks(); i++) {
            for (long mem = tcache.top(i); mem != 0; mem = SafeLinking.reveal(mem)) {
                place(Chunk.mem2chunk(mem), State.TCACHE, i);
            }
        }
    }

    private void collectFastbins() {
        for (int i = 0; i < Fastbins.NFASTBINS; i++) {
            for (long p = av.fastbinHead(i); p != 0; p = SafeLinking.reveal(fdField(p))) {
                place(p, State.FAST, i);
            }
        }
    }

    private void collectBins() {
        for (int i = 1; i < Bins.NBINS; i++) {
            State state = i == Bins.UNSORTED ? State.UNSORTED : i < 64 ? State.SMALL : State.LARGE;
            long bin = av.binAt(i);
            for (long p = Bins.first(bin); p != bin; p = fd(p)) {
                place(p, state, i);
            }
        }
    }

    private void place(long p, State state, int bin) {
        Place earlier = free.put(p, new Place(state, bin));
        if (earlier != null) {
            throw new AssertionError("chunk 0x%x is in two lists: %s and %s".formatted(p, earlier, free.get(p)));
        }
    }

    /** From {@code start} to top, or to the two fenceposts that end an area of earlier days. */
    private void area(long start) {
        for (long p = start; ; p += chunkSize(p)) {
            long size = chunkSize(p);
            if (size == 0 && Chunk.sizeField(p) == Chunk.PREV_INUSE) {
                add(p, State.FENCEPOST, -1);
                return;
            }
            if (size < CHUNK_HDR_SZ || (size & Chunk.MALLOC_ALIGN_MASK) != 0) {
                throw new AssertionError("chunk 0x%x has the impossible size %d".formatted(p, size));
            }
            if (p == av.top) {
                add(p, State.TOP, -1);
                return;
            }
            if (size == CHUNK_HDR_SZ) {
                add(p, State.FENCEPOST, -1);
                add(p + CHUNK_HDR_SZ, State.FENCEPOST, -1);
                return;
            }
            Place place = free.get(p);
            add(p, place == null ? State.IN_USE : place.state, place == null ? -1 : place.bin);
        }
    }

    private void add(long p, State state, int bin) {
        chunks.add(of(p, state, bin));
    }

    private static HeapChunk of(long p, State state, int bin) {
        return new HeapChunk(p, chunkSize(p), (int) (sizeField(p) & SIZE_BITS), state, bin);
    }
}
