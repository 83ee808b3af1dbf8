package io.github.ptmalloc4j.examples;

import io.github.ptmalloc4j.Lifetime;
import io.github.ptmalloc4j.Ptmalloc;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

public final class ArenaPerRequest {
    public static void main(String[] args) {
        try (Ptmalloc heap = Ptmalloc.create()) {
            for (String user : new String[] {"ada", "duke"}) {
                try (Lifetime request = heap.segments().bump()) { // an Arena: many small segments, one close
                    MemorySegment name = request.allocateFrom(user);
                    MemorySegment numbers = request.allocate(ValueLayout.JAVA_LONG, 100); // zeroed, bounds checked
                    numbers.setAtIndex(ValueLayout.JAVA_LONG, 99, name.byteSize());
                    System.out.println(name.getString(0) + numbers.getAtIndex(ValueLayout.JAVA_LONG, 99));
                }
            }
        }
    }
}
