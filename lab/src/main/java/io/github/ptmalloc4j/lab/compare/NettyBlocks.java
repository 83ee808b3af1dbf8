package io.github.ptmalloc4j.lab.compare;

import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.lang.foreign.MemorySegment;

/** Direct buffers of Netty, pooled or adaptive. */
final class NettyBlocks extends HandleBlocks<ByteBuf> {
    private final ByteBufAllocator allocator;

    NettyBlocks(int slots, boolean adaptive) {
        super(slots);
        allocator = adaptive ? new AdaptiveByteBufAllocator(true) : new PooledByteBufAllocator(true);
    }

    @Override
    ByteBuf allocate(long bytes, long alignment, boolean zeroed) {
        if (bytes + alignment > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a buffer has at most 2 GiB");
        }
        // Netty has no alignment for one buffer: room for it is what a program would ask for.
        ByteBuf buffer = allocator.directBuffer((int) (bytes + alignment - 1));
        if (zeroed) {
            buffer.setZero(0, (int) bytes);
        }
        return buffer;
    }

    @Override
    MemorySegment segment(ByteBuf buffer) {
        return MemorySegment.ofBuffer(buffer.internalNioBuffer(0, buffer.capacity()));
    }

    @Override
    void release(ByteBuf buffer) {
        buffer.release();
    }
}
