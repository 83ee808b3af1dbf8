package io.github.ptmalloc4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.util.List;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

/** What a heap prints has the shape of what {@code jcmd System.native_heap_info} prints of the C library's. */
class MallocInfoShapeTest {
    private static String ofTheJvm() throws Exception {
        ObjectName jcmd = new ObjectName("com.sun.management:type=DiagnosticCommand");
        return (String)
                ManagementFactory.getPlatformMBeanServer().invoke(jcmd, "systemNativeHeapInfo", new Object[0], null);
    }

    /** The lines with every number the same, without those of sizes, of which there may be any. */
    private static List<String> shape(String xml) {
        return xml.lines()
                .map(line -> line.replaceAll("\\d+\"", "N\""))
                .filter(line -> !line.startsWith("  <"))
                .toList();
    }

    private static List<String> firstHeap(List<String> shape) {
        return shape.subList(0, shape.indexOf("</heap>"));
    }

    private static List<String> lastHeap(List<String> shape) {
        return shape.subList(shape.lastIndexOf("<heap nr=\"N\">"), shape.lastIndexOf("</heap>"));
    }

    private static List<String> rest(List<String> shape) {
        return shape.subList(shape.lastIndexOf("</heap>"), shape.indexOf("</malloc>") + 1);
    }

    @Test
    void itIsThatOfTheJvmsOwnHeap() throws Exception {
        String theirs = ofTheJvm();
        assertTrue(theirs.contains("<heap nr=\"1\">"), "the JVM has threads with arenas");
        try (Ptmalloc heap = Ptmalloc.create()) {
            heap.malloc(10);
            Thread.ofPlatform().start(() -> heap.malloc(10)).join();
            List<String> ours = shape(heap.mallocInfo());
            assertEquals(firstHeap(shape(theirs)), firstHeap(ours));
            assertEquals(lastHeap(shape(theirs)), lastHeap(ours));
            assertEquals(rest(shape(theirs)), rest(ours));
        }
    }

    @Test
    void itsSizesAreWrittenAsTheirs() throws Exception {
        try (Ptmalloc heap = Ptmalloc.create()) {
            heap.malloc(10);
            long between = heap.malloc(3000);
            heap.malloc(10);
            heap.free(between);
            List<String> theirs = sizes(ofTheJvm());
            List<String> ours = sizes(heap.mallocInfo());
            assertEquals(1, ours.size(), heap.mallocInfo());
            assertTrue(theirs.containsAll(ours), theirs + " and " + ours);
        }
    }

    private static List<String> sizes(String xml) {
        return xml.lines()
                .filter(line -> line.startsWith("  <"))
                .map(line -> line.replaceAll("\\d+\"", "N\"").replace("unsorted", "size"))
                .distinct()
                .toList();
    }
}
