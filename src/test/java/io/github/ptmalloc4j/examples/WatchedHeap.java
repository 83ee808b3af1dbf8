package io.github.ptmalloc4j.examples;

import io.github.ptmalloc4j.HeapSnapshot;
import io.github.ptmalloc4j.Ptmalloc;
import java.nio.file.Path;
import jdk.jfr.Recording;

public final class WatchedHeap {
    public static void main(String[] args) throws Exception {
        try (Ptmalloc heap = Ptmalloc.builder().name("buffers").build();
                Recording recording = new Recording()) {
            heap.registerMBean("buffers"); // io.github.ptmalloc4j:type=Heap,name=buffers: snapshot, trim, mallocInfo
            recording.enable("ptmalloc4j.AllocationSample"); // off unless asked for
            recording.start();
            for (int i = 0; i < 10_000; i++) {
                heap.segments().allocate(1000);
            }
            HeapSnapshot s = heap.snapshot();
            System.out.printf(
                    "%d blocks, %d bytes in use, %d of %d mapped are resident, %.2f fragmented%n",
                    s.calls().blocks(), s.inUse(), s.resident(), s.mapped(), s.fragmentation());
            recording.dump(Path.of(args[0])); // jfr summary, or a view in JDK Mission Control
        }
    }
}
