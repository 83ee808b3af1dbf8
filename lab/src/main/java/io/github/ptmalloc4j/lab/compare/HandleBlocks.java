package io.github.ptmalloc4j.lab.compare;

import java.lang.foreign.MemorySegment;

/**
 * Blocks of an allocator that gives objects. Unless it says otherwise it has no realloc: a new block, a copy, and the old one
 * back.
 *
 * @param <H> what stands for a block
 */
abstract class HandleBlocks<H> extends Blocks {
    private final Object[] handles;

    HandleBlocks(int slots) {
        handles = new Object[slots];
    }

    /**
     * A new block.
     *
     * @param alignment in bytes, a power of two
     * @throws OutOfMemoryError if there is none
     * @throws IllegalArgumentException if nobody could have a block of such a size
     */
    abstract H allocate(long bytes, long alignment, boolean zeroed);

    abstract MemorySegment segment(H handle);

    abstract void release(H handle);

    @Override
    final boolean malloc(int slot, long bytes) {
        return put(slot, bytes, 1, false);
    }

    @Override
    final boolean calloc(int slot, long count, long bytes) {
        return Math.unsignedMultiplyHigh(count, bytes) == 0 && put(slot, count * bytes, 1, true);
    }

    @Override
    final boolean memalign(int slot, long alignment, long bytes) {
        return put(slot, bytes, alignment <= 1 ? 1 : Long.highestOneBit(alignment - 1) << 1, false);
    }

    @Override
    final boolean realloc(int slot, long bytes) {
        H old = handle(slot);
        if (old != null && bytes == 0) {
            free(slot);
            return true;
        }
        if (old == null) {
            return put(slot, bytes, 1, false);
        }
        if (bytes < 0) {
            return false;
        }
        try {
            handles[slot] = reallocate(old, bytes);
            return true;
        } catch (OutOfMemoryError | IllegalArgumentException e) {
            return false;
        }
    }

    /** The same contents in a block of another size; throws as {@link #allocate}, and then the old one stays. */
    H reallocate(H old, long bytes) {
        H handle = allocate(bytes, 1, false);
        MemorySegment from = segment(old);
        MemorySegment to = segment(handle);
        to.copyFrom(from.asSlice(0, Math.min(from.byteSize(), to.byteSize())));
        release(old);
        return handle;
    }

    @Override
    final void free(int slot) {
        H handle = slot < 0 ? null : handle(slot);
        if (handle != null) {
            handles[slot] = null;
            release(handle);
        }
    }

    @Override
    final long address(int slot) {
        H handle = handle(slot);
        return handle == null ? 0 : segment(handle).address();
    }

    @SuppressWarnings("unchecked")
    private H handle(int slot) {
        return (H) handles[slot];
    }

    private boolean put(int slot, long bytes, long alignment, boolean zeroed) {
        if (bytes < 0) {
            return false;
        }
        try {
            handles[slot] = allocate(bytes, alignment, zeroed);
            return true;
        } catch (OutOfMemoryError | IllegalArgumentException e) {
            return false;
        }
    }
}
