package io.github.ptmalloc4j.benchmarks.allocators;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** {@link ByteBuffer#allocateDirect}: always zeroed, and freed by the garbage collector, some time after it was let go. */
final class DirectAllocator extends BufferAllocator {
    @Override
    ByteBuffer allocate(long bytes) {
        return ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
    }

    @Override
    ByteBuffer allocateZeroed(long bytes) {
        return allocate(bytes);
    }

    @Override
    ByteBuffer allocateAligned(long bytes, long alignment) {
        // An aligned slice begins and ends at multiples of the alignment.
        return allocate(Math.ceilDiv(bytes, alignment) * alignment + alignment - 1)
                .alignedSlice(Math.toIntExact(alignment))
                .order(ByteOrder.nativeOrder());
    }

    @Override
    void free(ByteBuffer buffer) {
        // The caller forgets it.
    }
}
