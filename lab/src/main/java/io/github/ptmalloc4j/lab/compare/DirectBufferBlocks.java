package io.github.ptmalloc4j.lab.compare;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** Direct buffers of the JDK, given back as a program gives them back: by nobody holding them, until the collector sees it. */
final class DirectBufferBlocks extends HandleBlocks<ByteBuffer> {
    DirectBufferBlocks(int slots) {
        super(slots);
    }

    @Override
    ByteBuffer allocate(long bytes, long alignment, boolean zeroed) {
        if (bytes + alignment > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a buffer has at most 2 GiB");
        }
        ByteBuffer buffer = ByteBuffer.allocateDirect((int) (bytes + alignment - 1));
        int offset = (int) (-MemorySegment.ofBuffer(buffer).address() & alignment - 1);
        return offset == 0 ? buffer : buffer.slice(offset, (int) bytes);
    }

    @Override
    MemorySegment segment(ByteBuffer buffer) {
        return MemorySegment.ofBuffer(buffer);
    }

    @Override
    void release(ByteBuffer buffer) {}
}
