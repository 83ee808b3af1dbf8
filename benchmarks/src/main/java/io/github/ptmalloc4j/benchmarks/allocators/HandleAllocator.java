package io.github.ptmalloc4j.benchmarks.allocators;

/**
 * An allocator that hands out objects.
 *
 * @param <H> what stands for a block
 */
abstract class HandleAllocator<H> implements Allocator {
    abstract H allocate(long bytes);

    abstract H allocateZeroed(long bytes);

    abstract H allocateAligned(long bytes, long alignment);

    abstract H reallocate(H handle, long bytes);

    abstract void free(H handle);

    abstract long address(H handle);

    abstract void putByte(H handle, long offset, byte value);

    abstract void putLong(H handle, long offset, long value);

    abstract long getLong(H handle, long offset);

    /** Sets the bytes to 1. */
    abstract void fill(H handle, long from, long to);

    @Override
    public final void pair(long bytes) {
        H handle = allocate(bytes);
        putByte(handle, 0, (byte) 1);
        free(handle);
    }

    @Override
    public final Blocks blocks(int slots) {
        return new HandleBlocks<>(this, slots);
    }

    @Override
    public void close() {}
}
