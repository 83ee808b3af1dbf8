package io.github.ptmalloc4j.benchmarks.allocators;

import io.github.ptmalloc4j.os.Memory;
import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.lang.foreign.MemorySegment;

/**
 * Direct buffers of Netty at their fastest: thread caches for all threads, which an event loop has anyway, and no detection of
 * leaks.
 */
final class NettyAllocator extends HandleAllocator<ByteBuf> {
    private final ByteBufAllocator buffers;

    private NettyAllocator(ByteBufAllocator buffers) {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
        this.buffers = buffers;
    }

    static NettyAllocator pooled() {
        return new NettyAllocator(new PooledByteBufAllocator(
                true,
                0,
                PooledByteBufAllocator.defaultNumDirectArena(),
                PooledByteBufAllocator.defaultPageSize(),
                PooledByteBufAllocator.defaultMaxOrder(),
                PooledByteBufAllocator.defaultSmallCacheSize(),
                PooledByteBufAllocator.defaultNormalCacheSize(),
                true));
    }

    static NettyAllocator adaptive() {
        return new NettyAllocator(new AdaptiveByteBufAllocator(true, true));
    }

    @Override
    ByteBuf allocate(long bytes) {
        return buffers.directBuffer(Math.toIntExact(bytes));
    }

    @Override
    ByteBuf allocateZeroed(long bytes) {
        ByteBuf buffer = allocate(bytes);
        return buffer.setZero(0, (int) bytes);
    }

    @Override
    ByteBuf allocateAligned(long bytes, long alignment) {
        throw new UnsupportedOperationException("Netty aligns all buffers alike, not one by one");
    }

    @Override
    ByteBuf reallocate(ByteBuf buffer, long bytes) {
        // Netty keeps what was written, as its index says.
        return buffer.setIndex(0, Math.min(buffer.capacity(), (int) bytes)).capacity((int) bytes);
    }

    @Override
    void free(ByteBuf buffer) {
        buffer.release();
    }

    @Override
    long address(ByteBuf buffer) {
        return MemorySegment.ofBuffer(buffer.nioBuffer(0, 0)).address();
    }

    @Override
    void putByte(ByteBuf buffer, long offset, byte value) {
        buffer.setByte((int) offset, value);
    }

    @Override
    void putLong(ByteBuf buffer, long offset, long value) {
        buffer.setLong((int) offset, value);
    }

    @Override
    long getLong(ByteBuf buffer, long offset) {
        return buffer.getLong((int) offset);
    }

    @Override
    void fill(ByteBuf buffer, long from, long to) {
        int bytes = (int) (to - from);
        Memory.fill(
                MemorySegment.ofBuffer(buffer.internalNioBuffer((int) from, bytes))
                        .address(),
                bytes,
                (byte) 1);
    }
}
