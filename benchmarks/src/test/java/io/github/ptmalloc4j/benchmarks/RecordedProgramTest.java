package io.github.ptmalloc4j.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.benchmarks.allocators.Allocators;
import io.github.ptmalloc4j.lab.trace.BadTrace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Traces as rows; needs gcc, as the other comparisons with C do. */
class RecordedProgramTest {
    @TempDir
    Path directory;

    @Test
    void aDirectoryIsItsTracesInOrder() throws Exception {
        trace("b.rep", "a 0 10\n@ 1\nf 0\n");
        trace("a.rep", "a 0 10\nf 0\n");
        Files.writeString(directory.resolve("README.md"), "words");
        Files.writeString(directory.resolve(".hidden"), "words");
        List<RecordedProgram> programs = RecordedProgram.in(directory);
        assertEquals(
                List.of("replay a", "replay b"),
                programs.stream().map(p -> p.row().name()).toList());
        assertEquals(
                List.of(1, 2), programs.stream().map(RecordedProgram::threads).toList());
    }

    @Test
    void whatCannotBeReadIsASentence() throws Exception {
        Path missing = directory.resolve("missing");
        assertEquals(
                missing + ": there is no such directory",
                assertThrows(IOException.class, () -> RecordedProgram.in(missing))
                        .getMessage());
        assertEquals(
                directory + ": the directory has no traces",
                assertThrows(IOException.class, () -> RecordedProgram.in(directory))
                        .getMessage());
        trace("bad.rep", "z 0 10\n");
        String message = assertThrows(BadTrace.class, () -> RecordedProgram.in(directory))
                .getMessage();
        assertTrue(message.startsWith(directory.resolve("bad.rep") + ":5: "), message);
    }

    @Test
    void ourHeapIsAsLargeAsTheCLibrarysAndTheRowSaysSo() throws Exception {
        trace("t.rep", "a 0 5000\na 1 200000\nf 0\na 2 3000000\nf 1\nf 2\n");
        List<RecordedProgram> programs = RecordedProgram.in(directory);
        List<Sample> samples = List.of(
                programs.getFirst().sample(Allocators.PTMALLOC4J_GLIBC, Duration.ZERO, Duration.ZERO),
                programs.getFirst().sample(SideBySide.C, Duration.ZERO, Duration.ZERO));
        for (Sample sample : samples) {
            assertEquals(6, sample.operations());
            assertEquals(3_200_000, sample.liveBytes());
            assertTrue(sample.wallNanos() > 0 && sample.cpuNanos() > 0 && sample.faults() > 3_200_000 / 4096);
        }
        List<Target> rows = TargetList.all(programs).stream()
                .filter(target -> target.what().startsWith("replay t"))
                .toList();
        assertEquals(4, rows.size());
        assertEquals(
                Optional.of(
                        "| replay t, ptmalloc4j-glibc: peak of the heap, more than C | 0 B | 0–0, 1 run | = 0 B | met |\n"),
                rows.stream()
                        .filter(target -> target.what().contains("peak"))
                        .map(target -> target.line(samples))
                        .findFirst());
    }

    @Test
    void withoutTracesTheRowsSayWhatIsMissing() {
        List<Target> rows = TargetList.all(List.of()).stream()
                .filter(target -> target.what().startsWith("replay"))
                .toList();
        assertEquals(3, rows.size());
        rows.forEach(row -> assertTrue(
                row.line(List.of()).contains("not measured: --traces names no directory of recorded programs"),
                row.toString()));
    }

    private void trace(String name, String operations) throws IOException {
        long lines = operations.lines().filter(line -> !line.startsWith("@")).count();
        Files.writeString(directory.resolve(name), "1\n3\n" + lines + "\n0\n" + operations);
    }
}
