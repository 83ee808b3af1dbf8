package io.github.ptmalloc4j.benchmarks.allocators;

import io.github.ptmalloc4j.HeapSegments;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import java.lang.foreign.SegmentAllocator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The heap of this project, by direct buffers that are not zeroed unless it is asked for, and are freed at once. */
final class PtmallocBuffers extends BufferAllocator {
    private final CountedHeap counted;
    private final HeapSegments segments;
    private final SegmentAllocator uninitialized;

    PtmallocBuffers(Tunables tunables) {
        counted = CountedHeap.create(tunables);
        segments = counted.heap().segments();
        uninitialized = segments.uninitialized();
    }

    @Override
    ByteBuffer allocate(long bytes) {
        return uninitialized.allocate(bytes, 1).asByteBuffer().order(ByteOrder.nativeOrder());
    }

    @Override
    ByteBuffer allocateZeroed(long bytes) {
        return segments.allocateBuffer(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
    }

    @Override
    ByteBuffer allocateAligned(long bytes, long alignment) {
        return uninitialized.allocate(bytes, alignment).asByteBuffer().order(ByteOrder.nativeOrder());
    }

    @Override
    void free(ByteBuffer buffer) {
        segments.free(buffer);
    }

    @Override
    public void close() {
        counted.close();
    }
}
