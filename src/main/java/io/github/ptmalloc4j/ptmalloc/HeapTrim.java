package io.github.ptmalloc4j.ptmalloc;

import static io.github.ptmalloc4j.ptmalloc.Chunk.CHUNK_HDR_SZ;
import static io.github.ptmalloc4j.ptmalloc.Chunk.MINSIZE;
import static io.github.ptmalloc4j.ptmalloc.Chunk.PREV_INUSE;
import static io.github.ptmalloc4j.ptmalloc.Chunk.chunkSize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.prevChunk;
import static io.github.ptmalloc4j.ptmalloc.Chunk.prevInuse;
import static io.github.ptmalloc4j.ptmalloc.Chunk.prevSize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.setHead;

/**
 * Memory of an arena other than the main one back to the system: glibc's {@code heap_trim}. A newest heap that is empty goes
 * as a whole, then top is cut back.
 *
 * <pre>
 *   end of the previous heap:   │ free? │ 16 ┊ P │ 0 ┊ P │
 *                                        header    fencepost
 * </pre>
 */
final class HeapTrim {
    private HeapTrim() {}

    /**
     * Trims.
     *
     * @param pad bytes of top to keep beyond the least; unsigned
     * @return whether top was cut back
     */
    static boolean heapTrim(MallocState av, long pad) {
        return heapTrim(av, pad, av.mp.trimThreshold);
    }

    /** The same, from {@code threshold} bytes of top on. */
    static boolean heapTrim(MallocState av, long pad, long threshold) {
        MallocPar mp = av.mp;
        long heap = HeapInfo.heapForPtr(mp, av.top);
        while (av.top == heap + HeapInfo.SIZEOF) {
            long prevHeap = HeapInfo.prev(heap);
            if (!returnToPrevious(av, heap, prevHeap, pad)) {
                break;
            }
            heap = prevHeap;
        }
        long topSize = chunkSize(av.top);
        long topArea = topSize - MINSIZE - 1;
        if (Long.compareUnsigned(topSize, threshold) < 0 || topArea < 0 || Long.compareUnsigned(topArea, pad) <= 0) {
            return false;
        }
        long extra = topArea - pad & -HeapInfo.pagesize(heap);
        if (extra == 0 || !HeapInfo.shrinkHeap(mp, heap, extra)) {
            return false;
        }
        av.addSystemMem(-extra);
        setHead(av.top, topSize - extra | PREV_INUSE);
        return true;
    }

    /** Unmaps an empty heap and makes the end of the one before it top again, unless that leaves too little to go on. */
    private static boolean returnToPrevious(MallocState av, long heap, long prevHeap, long pad) {
        MallocPar mp = av.mp;
        long fencepost = HeapInfo.end(prevHeap) - CHUNK_HDR_SZ & -Chunk.MALLOC_ALIGNMENT;
        mp.require(Chunk.sizeField(fencepost) == PREV_INUSE, "heap_trim", "a fencepost ends the previous heap");
        long p = prevChunk(fencepost);
        long newSize = HeapInfo.end(prevHeap) - p;
        if (!prevInuse(p)) {
            newSize += prevSize(p);
        }
        long room = newSize + (mp.heapMaxSize - HeapInfo.size(prevHeap));
        if (Long.compareUnsigned(room, pad + MINSIZE + HeapInfo.pagesize(heap)) < 0) {
            return false;
        }
        av.addSystemMem(-HeapInfo.size(heap));
        mp.heapAreas.release(heap);
        if (!prevInuse(p)) {
            p = prevChunk(p);
            Bins.unlinkChunk(av, p, Chunk.chunkSize(p));
        }
        mp.require(p + newSize == HeapInfo.end(prevHeap), "heap_trim", "top ends where its heap ends");
        av.top = p;
        setHead(p, newSize | PREV_INUSE);
        return true;
    }
}
