package io.github.ptmalloc4j.examples;

import io.github.ptmalloc4j.HeapSegments;
import io.github.ptmalloc4j.Ptmalloc;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

public final class LimitedHeap {
    public static void main(String[] args) {
        try (Ptmalloc heap = Ptmalloc.builder()
                .name("cache")
                .limit(64 << 20) // mapped bytes, touched or not
                .onNearLimit(0.9, (mapped, limit) -> System.out.println("near")) // once a crossing, holding no lock
                .build()) {
            HeapSegments segments = heap.segments();
            List<MemorySegment> held = new ArrayList<>();
            try {
                while (true) {
                    held.add(segments.allocate(1 << 20));
                }
            } catch (OutOfMemoryError e) {
                System.out.println(e.getMessage()); // cache has no memory for 1048576 bytes … of a limit of 67108864 …
            }
            held.forEach(segments::free); // nothing was lost: the heap goes on
            segments.allocate(1 << 20);
        }
    }
}
