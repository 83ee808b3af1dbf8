package io.github.ptmalloc4j.benchmarks.allocators;

import io.github.ptmalloc4j.os.Memory;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** An allocator of direct buffers in native order. Growing copies. */
abstract class BufferAllocator extends HandleAllocator<ByteBuffer> {
    @Override
    final ByteBuffer reallocate(ByteBuffer old, long bytes) {
        ByteBuffer buffer = allocate(bytes);
        buffer.put(0, old, 0, Math.toIntExact(Math.min(bytes, old.capacity())));
        free(old);
        return buffer;
    }

    @Override
    final long address(ByteBuffer buffer) {
        return MemorySegment.ofBuffer(buffer).address();
    }

    @Override
    final void putByte(ByteBuffer buffer, long offset, byte value) {
        buffer.put((int) offset, value);
    }

    @Override
    final void putLong(ByteBuffer buffer, long offset, long value) {
        buffer.putLong((int) offset, value);
    }

    @Override
    final long getLong(ByteBuffer buffer, long offset) {
        return buffer.getLong((int) offset);
    }

    @Override
    final void fill(ByteBuffer buffer, long from, long to) {
        Memory.fill(MemorySegment.ofBuffer(buffer).address() + from, to - from, (byte) 1);
    }
}
