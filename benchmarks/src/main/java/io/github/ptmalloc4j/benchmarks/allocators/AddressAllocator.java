package io.github.ptmalloc4j.benchmarks.allocators;

import io.github.ptmalloc4j.os.Memory;

/** An allocator with the calls of malloc(3), on addresses; 0 stands for no memory. */
abstract class AddressAllocator implements Allocator {
    abstract long malloc(long bytes);

    abstract long calloc(long bytes);

    abstract long memalign(long alignment, long bytes);

    abstract long realloc(long mem, long bytes);

    abstract void free(long mem);

    @Override
    public final void pair(long bytes) {
        long mem = must(malloc(bytes), bytes);
        Memory.putByte(mem, (byte) 1);
        free(mem);
    }

    @Override
    public final Blocks blocks(int slots) {
        return new AddressBlocks(this, slots);
    }

    /** The block, unless there is none. */
    static long must(long mem, long bytes) {
        if (mem == 0) {
            throw new OutOfMemoryError("no memory for " + bytes + " bytes");
        }
        return mem;
    }
}
