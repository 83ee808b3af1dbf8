package io.github.ptmalloc4j.lab.compare;

import io.github.ptmalloc4j.HeapSegments;
import io.github.ptmalloc4j.Ptmalloc;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/** Blocks of a fresh heap of this project, as segments. */
final class SegmentBlocks extends HandleBlocks<MemorySegment> {
    private final Ptmalloc heap = Ptmalloc.create();
    private final HeapSegments segments = heap.segments();
    private final SegmentAllocator uninitialized = segments.uninitialized();

    SegmentBlocks(int slots) {
        super(slots);
    }

    @Override
    MemorySegment allocate(long bytes, long alignment, boolean zeroed) {
        return zeroed ? segments.allocate(bytes, alignment) : uninitialized.allocate(bytes, alignment);
    }

    @Override
    MemorySegment reallocate(MemorySegment old, long bytes) {
        return segments.reallocate(old, bytes);
    }

    @Override
    MemorySegment segment(MemorySegment segment) {
        return segment;
    }

    @Override
    void release(MemorySegment segment) {
        segments.free(segment);
    }

    @Override
    public void close() {
        heap.close();
    }
}
