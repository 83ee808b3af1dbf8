package io.github.ptmalloc4j.lab.conform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.ptmalloc4j.lab.trace.BadTrace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SequenceFileTest {
    @TempDir
    Path directory;

    @Test
    void whatIsWrittenIsReadAgain() throws BadTrace, IOException {
        String[] lines = {
            "a 1 24",
            "c 2 3 100",
            "s 4096",
            "m 3 64 1000",
            "o -1 -1",
            "r 1 18446744073709551615",
            "x 65536",
            "f 2",
            "t 0",
            "p 2 8 24",
            "P 4 1",
            "v 5 0",
            "l 6 4096 10"
        };
        SequenceFile read = writeAndRead(Operations.of(lines));
        assertEquals("glibc.malloc.mxfast=0", read.tunables());
        assertEquals(
                List.of("s 4096", "o -1 -1", "r 1 18446744073709551615", "x 65536"),
                texts(read.operations()).stream()
                        .filter(line -> "sorx".indexOf(line.charAt(0)) >= 0)
                        .toList());
        assertEquals(lines.length, read.operations().size());
    }

    @Test
    void aBlockThatIsForgottenOrFreedTwiceKeepsItsMeaning() throws BadTrace, IOException {
        SequenceFile read =
                writeAndRead(Operations.of("f 0", "a 0 24", "a 0 40", "f 0", "f 0", "r 0 8", "r 0 0", "f 0"));
        assertEquals(
                List.of("f 0", "a 1 24", "a 2 40", "f 2", "f 0", "r 2 8", "r 2 0", "f 0"), texts(read.operations()));
    }

    @Test
    void turnsAndEndsOfThreadsAreKept() throws BadTrace, IOException {
        String[] lines = {"T 2", "a 1 24", "z 1", "T 0", "f 1", "z 0", "T 2", "X", "T 3", "X"};
        SequenceFile read = writeAndRead(Operations.of(lines));
        assertEquals(List.of(lines), texts(read.operations()));
        // Two numbers, two ends, and one thread that only waits.
        assertEquals(5, read.operations().threads());
    }

    @Test
    void linesOfAnotherFormAreRefused() {
        for (String line : List.of("a 0", "f 0 1", "c 0 1", "t", "ab 0 1")) {
            assertThrows(IllegalArgumentException.class, () -> Operations.of(line), line);
        }
    }

    private SequenceFile writeAndRead(Operations operations) throws BadTrace, IOException {
        Path file = directory.resolve("sequence.rep");
        SequenceFile.write(file, operations, "glibc.malloc.mxfast=0", List.of("found somewhere", "on two lines"));
        assertEquals("# found somewhere", Files.readAllLines(file).get(4));
        return SequenceFile.read(file);
    }

    private static List<String> texts(Operations operations) {
        return IntStream.range(0, operations.size()).mapToObj(operations::text).toList();
    }
}
