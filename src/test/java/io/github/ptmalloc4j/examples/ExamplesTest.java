package io.github.ptmalloc4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The programs of the README run, do what it says, and are the ones that it shows. */
class ExamplesTest {
    private interface Program {
        void run() throws Exception;
    }

    private static String printed(Program program) throws Exception {
        PrintStream before = System.out;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            program.run();
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void buffersCrossThreads() throws Exception {
        assertEquals("500500\n", printed(() -> BuffersAcrossThreads.main(new String[0])));
    }

    @Test
    void eachRequestHasAnArena() throws Exception {
        assertEquals("ada4\nduke5\n", printed(() -> ArenaPerRequest.main(new String[0])));
    }

    @Test
    void aLimitHolds() throws Exception {
        String printed = printed(() -> LimitedHeap.main(new String[0]));
        assertTrue(printed.contains("cache has no memory for 1048576 bytes"), printed);
        assertTrue(printed.contains(" of a limit of 67108864"), printed);
    }

    @Test
    void aHeapIsWatched(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("heap.jfr");
        String printed = printed(() -> WatchedHeap.main(new String[] {file.toString()}));
        assertTrue(printed.startsWith("10000 blocks, "), printed);
        assertTrue(
                RecordingFile.readAllEvents(file).stream()
                        .anyMatch(e -> e.getEventType().getName().equals("ptmalloc4j.AllocationSample")),
                "no sample");
    }

    @ParameterizedTest
    @ValueSource(strings = {"BuffersAcrossThreads", "ArenaPerRequest", "LimitedHeap", "WatchedHeap"})
    void theReadmeShowsTheProgram(String name) throws IOException {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("README.md"))) {
            root = root.getParent();
        }
        String source = Files.readString(root.resolve("src/test/java/io/github/ptmalloc4j/examples/" + name + ".java"));
        String program = source.substring(source.indexOf("public final class"));
        assertTrue(Files.readString(root.resolve("README.md")).contains(program), name);
    }
}
