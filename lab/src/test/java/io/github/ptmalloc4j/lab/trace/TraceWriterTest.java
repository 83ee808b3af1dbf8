package io.github.ptmalloc4j.lab.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceWriterTest {
    private static final String EVERY_LETTER = """
            1
            6
            15
            600
            a 0 18
            c 1 3 100
            m 2 64 30
            l 3 4096 40
            p 4 32 50
            v 5 60
            w 0 18
            r 0 20
            f 5
            P 5 100
            f -1
            t 18446744073709551615
            o -1 262144
            o -8 -1
            f 0
            """;

    @TempDir
    Path directory;

    @Test
    void whatIsWrittenIsWhatWasRead() throws Exception {
        Path original = directory.resolve("original.rep");
        Files.writeString(original, EVERY_LETTER);
        StringBuilder written = new StringBuilder();
        TraceWriter.write(TraceReader.read(original), written);
        assertEquals(EVERY_LETTER.replace("\n600\n", "\n540\n"), written.toString());
    }

    @Test
    void aTraceThatWasBuiltComesBackFromACompressedFile() throws Exception {
        Trace trace = new TraceBuilder("built")
                .add(Op.CALLOC, 3, 7, 11)
                .add(Op.REALLOC, 3, 0, -1)
                .add(Op.MALLOPT, -1, -3, 4096)
                .build();
        Path file = directory.resolve("built.rep.gz");
        TraceWriter.write(trace, file);
        Trace read = TraceReader.read(file);
        assertEquals(3, read.operations());
        for (int i = 0; i < 3; i++) {
            assertEquals(trace.line(i), read.line(i));
        }
    }

    @Test
    void theHeaderHasTheLargestIdAndOneAndThePeak() throws Exception {
        Trace trace = new TraceBuilder("header")
                .add(Op.MALLOC, 41, 0, 100)
                .add(Op.FREE, 41, 0, 0)
                .add(Op.MALLOC, 2, 0, 50)
                .build();
        StringBuilder written = new StringBuilder();
        TraceWriter.write(trace, written);
        assertEquals("1\n42\n3\n100\na 41 100\nf 41\na 2 50\n", written.toString());
    }
}
