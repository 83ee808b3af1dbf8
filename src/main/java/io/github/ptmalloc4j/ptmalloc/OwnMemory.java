package io.github.ptmalloc4j.ptmalloc;

import static io.github.ptmalloc4j.ptmalloc.Chunk.CHUNK_HDR_SZ;

/** Which addresses a heap has now: on its break, in the heaps of threads' arenas, in mappings. */
final class OwnMemory {
    private final MallocPar mp;
    private final Arenas arenas;

    OwnMemory(MallocPar mp, Arenas arenas) {
        this.mp = mp;
        this.arenas = arenas;
    }

    /** Whether a range can be read and is the heap's. */
    boolean holds(long start, long end) {
        return mp.breakHolds(start, end) || holdsBesideBreak(start, end);
    }

    private boolean holdsBesideBreak(long start, long end) {
        return heapHolds(start, end) || mappingHolds(start, end);
    }

    private boolean heapHolds(long start, long end) {
        long heap = HeapInfo.heapForPtr(mp, start);
        return mp.heapAreas.contains(heap) && end <= HeapInfo.end(heap);
    }

    private boolean mappingHolds(long start, long end) {
        if (mp.mmappedChunks.holds(start - CHUNK_HDR_SZ, end)) {
            return true;
        }
        arenas.main.lock.lock();
        try {
            return arenas.main.mappedAreaHolds(start, end);
        } finally {
            arenas.main.lock.unlock();
        }
    }
}
