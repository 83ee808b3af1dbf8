package io.github.ptmalloc4j.benchmarks.allocators;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** {@link ByteBuffer#allocateDirect}: always zeroed, and freed by the garbage collector, some time after it was let go. */
final class DirectAllocator extends HandleAllocator<ByteBuffer> {
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
        return allocate(bytes + alignment - 1)
                .alignedSlice(Math.toIntExact(alignment))
                .order(ByteOrder.nativeOrder());
    }

    @Override
    ByteBuffer reallocate(ByteBuffer old, long bytes) {
        ByteBuffer buffer = allocate(bytes);
        return buffer.put(0, old, 0, Math.toIntExact(Math.min(bytes, old.capacity())));
    }

    @Override
    void free(ByteBuffer buffer) {
        // The caller forgets it.
    }

    @Override
    void putByte(ByteBuffer buffer, long offset, byte value) {
        buffer.put((int) offset, value);
    }

    @Override
    void putLong(ByteBuffer buffer, long offset, long value) {
        buffer.putLong((int) offset, value);
    }

    @Override
    long getLong(ByteBuffer buffer, long offset) {
        return buffer.getLong((int) offset);
    }

    @Override
    void fill(ByteBuffer buffer, long from, long to) {
        MemorySegment.ofBuffer(buffer).asSlice(from, to - from).fill((byte) 1);
    }
}
