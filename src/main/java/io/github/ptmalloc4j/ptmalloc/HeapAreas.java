package io.github.ptmalloc4j.ptmalloc;

import io.github.ptmalloc4j.os.Os;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Aligned ranges of addresses for heaps. Twice the size is mapped and the aligned half kept; where the mapping happened to be
 * aligned, the kernel will most likely give the other half to the next one that asks for it by address.
 */
final class HeapAreas {
    private final ReentrantLock lock = new ReentrantLock();
    private final Os os;
    private final long size;
    /** Where the next heap would be aligned, with luck; 0, no idea. */
    private long alignedHeapArea;
    /** All heaps that exist, to be unmapped when the allocator is closed. */
    private long[] heaps = new long[8];

    private int count;
    /** The same in order of address, for readers without the lock. */
    private volatile long[] sorted = new long[0];

    HeapAreas(Os os, long size) {
        this.os = os;
        this.size = size;
    }

    /** An inaccessible range; 0 if there is none. */
    long reserve(int flags) {
        lock.lock();
        try {
            long heap = map(flags);
            if (heap != 0) {
                heaps = count == heaps.length ? Arrays.copyOf(heaps, 2 * count) : heaps;
                heaps[count++] = heap;
                publish();
            }
            return heap;
        } finally {
            lock.unlock();
        }
    }

    private long map(int flags) {
        if (alignedHeapArea != 0) {
            long heap = mapAligned(alignedHeapArea, flags);
            alignedHeapArea = 0;
            if (heap != 0) {
                return heap;
            }
        }
        long pair = os.mmap(0, 2 * size, Os.PROT_NONE, Os.MAP_NORESERVE | flags);
        if (pair == Os.MAP_FAILED) {
            return mapAligned(0, flags);
        }
        long heap = pair + size - 1 & -size;
        long before = heap - pair;
        if (before != 0) {
            os.munmap(pair, before);
        } else {
            alignedHeapArea = heap + size;
        }
        os.munmap(heap + size, size - before);
        return heap;
    }

    /** One range of the right size, if it happens to be aligned. */
    private long mapAligned(long hint, int flags) {
        long heap = os.mmap(hint, size, Os.PROT_NONE, Os.MAP_NORESERVE | flags);
        if (heap == Os.MAP_FAILED) {
            return 0;
        }
        if ((heap & size - 1) != 0) {
            os.munmap(heap, size);
            return 0;
        }
        return heap;
    }

    void release(long heap) {
        lock.lock();
        try {
            if (heap + size == alignedHeapArea) {
                alignedHeapArea = 0;
            }
            for (int i = 0; i < count; i++) {
                if (heaps[i] == heap) {
                    heaps[i] = heaps[--count];
                    publish();
                    break;
                }
            }
            os.munmap(heap, size);
        } finally {
            lock.unlock();
        }
    }

    private void publish() {
        long[] known = Arrays.copyOf(heaps, count);
        Arrays.sort(known);
        sorted = known;
    }

    /** Whether a heap begins at {@code address}. Takes no lock. */
    boolean contains(long address) {
        return Arrays.binarySearch(sorted, address) >= 0;
    }

    void releaseAll() {
        while (count > 0) {
            release(heaps[count - 1]);
        }
    }
}
