package io.github.ptmalloc4j;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/** The program of the README's section on segments. */
public final class SegmentsExample {
    private SegmentsExample() {}

    public static void main(String[] args) throws InterruptedException {
        try (Ptmalloc heap = Ptmalloc.create()) {
            HeapSegments segments = heap.segments();

            MemorySegment numbers = segments.allocate(800); // zeroed, its bounds checked
            numbers.setAtIndex(ValueLayout.JAVA_LONG, 99, 42);
            MemorySegment more = segments.reallocate(numbers, 8000); // in place where the heap can
            Thread other = Thread.startVirtualThread(() -> segments.free(more)); // any thread may, once
            other.join();

            try (Lifetime request = segments.bump()) { // many small segments, one close
                MemorySegment name = request.allocateFrom("duke");
                System.out.println(name.getString(0));
            }

            ByteBuffer buffer = segments.allocateBuffer(8192); // direct, for NIO
            segments.free(buffer); // now, not when the collector comes by
        }
    }
}
