package io.github.ptmalloc4j.benchmarks.allocators;

import io.github.ptmalloc4j.HeapSegments;
import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;

/** The heap of this project, by segments that are not zeroed unless it is asked for. */
final class PtmallocSegments extends HandleAllocator<MemorySegment> {
    private final CountedHeap counted;
    private final HeapSegments segments;
    private final SegmentAllocator uninitialized;

    PtmallocSegments(Tunables tunables) {
        counted = CountedHeap.create(tunables);
        segments = counted.heap().segments();
        uninitialized = segments.uninitialized();
    }

    @Override
    MemorySegment allocate(long bytes) {
        return uninitialized.allocate(bytes, 1);
    }

    @Override
    MemorySegment allocateZeroed(long bytes) {
        return segments.allocate(bytes, 1);
    }

    @Override
    MemorySegment allocateAligned(long bytes, long alignment) {
        return uninitialized.allocate(bytes, alignment);
    }

    @Override
    MemorySegment reallocate(MemorySegment segment, long bytes) {
        return segments.reallocate(segment, bytes);
    }

    @Override
    void free(MemorySegment segment) {
        segments.free(segment);
    }

    @Override
    long address(MemorySegment segment) {
        return segment.address();
    }

    @Override
    void putByte(MemorySegment segment, long offset, byte value) {
        segment.set(ValueLayout.JAVA_BYTE, offset, value);
    }

    @Override
    void putLong(MemorySegment segment, long offset, long value) {
        segment.set(ValueLayout.JAVA_LONG_UNALIGNED, offset, value);
    }

    @Override
    long getLong(MemorySegment segment, long offset) {
        return segment.get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
    }

    @Override
    void fill(MemorySegment segment, long from, long to) {
        Memory.fill(segment.address() + from, to - from, (byte) 1);
    }

    @Override
    public void close() {
        counted.close();
    }
}
