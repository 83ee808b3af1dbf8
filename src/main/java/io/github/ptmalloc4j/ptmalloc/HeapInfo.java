package io.github.ptmalloc4j.ptmalloc;

import static io.github.ptmalloc4j.os.Memory.getInt;
import static io.github.ptmalloc4j.os.Memory.getLong;
import static io.github.ptmalloc4j.os.Memory.putInt;
import static io.github.ptmalloc4j.os.Memory.putLong;

import io.github.ptmalloc4j.os.Os;

/**
 * A heap: 64 MiB of addresses, aligned to 64 MiB, in which an arena other than the main one lives. The alignment makes the
 * heap of a chunk, and so its arena, a matter of one bitwise and.
 *
 * <pre>
 *   heap, a multiple of 64 MiB
 *     + 0   ┌──────────────────────┐
 *           │ arena                │  address of its malloc_state
 *     + 8   │ prev                 │  the heap that the arena filled before this one, or 0
 *     + 16  │ size                 │  bytes in use
 *     + 24  │ mprotect_size        │  bytes accessible: what was ever in use
 *     + 32  │ pagesize             │
 *     + 40  │ index of the arena   │  (unused in glibc)
 *     + 48  ├──────────────────────┤
 *           │ malloc_state         │  in the arena's first heap only
 *           ├──────────────────────┤
 *           │ chunks … top         │  rw-p
 *    + size ├──────────────────────┤
 *           │                      │  ---p
 *           └──────────────────────┘
 * </pre>
 */
final class HeapInfo {
    /** Bytes of the header. */
    static final long SIZEOF = 48;

    static final long HEAP_MIN_SIZE = 32L << 10;
    static final long HEAP_MAX_SIZE = 64L << 20;

    private static final long PREV = 8;
    private static final long SIZE = 16;
    private static final long MPROTECT_SIZE = 24;
    private static final long PAGESIZE = 32;
    private static final long INDEX = 40;

    private HeapInfo() {}

    static long heapForPtr(MallocPar mp, long p) {
        return p & -mp.heapMaxSize;
    }

    static int arenaIndex(long heap) {
        return getInt(heap + INDEX);
    }

    static void setArena(long heap, MallocState av) {
        putLong(heap, av.address);
        putInt(heap + INDEX, av.index);
    }

    static long prev(long heap) {
        return getLong(heap + PREV);
    }

    static void setPrev(long heap, long prev) {
        putLong(heap + PREV, prev);
    }

    static long size(long heap) {
        return getLong(heap + SIZE);
    }

    static long mprotectSize(long heap) {
        return getLong(heap + MPROTECT_SIZE);
    }

    static long pagesize(long heap) {
        return getLong(heap + PAGESIZE);
    }

    static long end(long heap) {
        return heap + size(heap);
    }

    /**
     * A new heap.
     *
     * @param size bytes that must fit in; unsigned
     * @param topPad bytes to add where they fit
     * @return its address, or 0 if it would be too large or there is no memory
     */
    static long newHeap(MallocPar mp, long size, long topPad) {
        if (mp.hpPagesize != 0) {
            long heap = newHeap(mp, size, topPad, mp.hpPagesize, mp.hpFlags);
            if (heap != 0) {
                return heap;
            }
        }
        return newHeap(mp, size, topPad, mp.pagesize, 0);
    }

    private static long newHeap(MallocPar mp, long bytes, long topPad, long pagesize, int flags) {
        long size = initialSize(mp, bytes, topPad);
        if (size == 0) {
            return 0;
        }
        size = size + pagesize - 1 & -pagesize;
        long heap = mp.heapAreas.reserve(flags);
        if (heap == 0) {
            return 0;
        }
        if (!mp.os.mprotect(heap, size, Os.PROT_READ | Os.PROT_WRITE)) {
            mp.heapAreas.release(heap);
            return 0;
        }
        mp.madviseThp(heap, size);
        putLong(heap + SIZE, size);
        putLong(heap + MPROTECT_SIZE, size);
        putLong(heap + PAGESIZE, pagesize);
        return heap;
    }

    private static long initialSize(MallocPar mp, long size, long topPad) {
        if (Long.compareUnsigned(size + topPad, mp.heapMinSize) < 0) {
            return mp.heapMinSize;
        }
        if (Long.compareUnsigned(size + topPad, mp.heapMaxSize) <= 0) {
            return size + topPad;
        }
        return Long.compareUnsigned(size, mp.heapMaxSize) > 0 ? 0 : mp.heapMaxSize;
    }

    /** Makes {@code diff} more bytes usable, rounded up to pages; {@code false} if the heap is full or memory is out. */
    static boolean growHeap(MallocPar mp, long heap, long diff) {
        long pagesize = pagesize(heap);
        long newSize = size(heap) + (diff + pagesize - 1 & -pagesize);
        if (Long.compareUnsigned(newSize, mp.heapMaxSize) > 0) {
            return false;
        }
        long accessible = mprotectSize(heap);
        if (newSize > accessible) {
            if (!mp.os.mprotect(heap + accessible, newSize - accessible, Os.PROT_READ | Os.PROT_WRITE)) {
                return false;
            }
            putLong(heap + MPROTECT_SIZE, newSize);
        }
        putLong(heap + SIZE, newSize);
        return true;
    }

    /** Gives the last {@code diff} bytes back; they stay accessible unless memory is accounted strictly. */
    static boolean shrinkHeap(MallocPar mp, long heap, long diff) {
        long newSize = size(heap) - diff;
        if (newSize < SIZEOF) {
            return false;
        }
        if (mp.strictOvercommit) {
            int flags = Os.MAP_NORESERVE | Os.MAP_FIXED;
            if (mp.os.mmap(heap + newSize, diff, Os.PROT_NONE, flags) == Os.MAP_FAILED) {
                return false;
            }
            putLong(heap + MPROTECT_SIZE, newSize);
        } else {
            mp.os.madvise(heap + newSize, diff, Os.MADV_DONTNEED);
        }
        putLong(heap + SIZE, newSize);
        return true;
    }
}
