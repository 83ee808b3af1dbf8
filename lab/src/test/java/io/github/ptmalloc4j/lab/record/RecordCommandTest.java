package io.github.ptmalloc4j.lab.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.lab.trace.TraceReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class RecordCommandTest {
    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void withoutHeaptrackASentenceNamesThePackage() {
        assertEquals(2, run("/nowhere", "--", "ls"));
        assertEquals(
                "to record a program heaptrack is needed, which is not installed: apt-get install heaptrack\n",
                err.toString());
    }

    @Test
    void aProgramThatDoesNotExistIsASentence() throws Exception {
        heaptrack("exit 0");
        assertEquals(2, run(directory.toString(), "--", "no-such-program"));
        assertEquals("no-such-program: there is no such program\n", err.toString());
    }

    @Test
    void whatHeaptrackWritesBecomesTheTrace() throws Exception {
        heaptrack("printf 'v 10400 3\\n+ 64 1 1000\\n- 1000\\n' > \"$3.raw\"; test \"$4 $5\" = 'program -l'");
        Path trace = directory.resolve("kept.raw");
        assertEquals(0, run(directory.toString(), "-o", trace.toString(), "--", "program", "-l"), err.toString());
        assertEquals(100, TraceReader.read(trace).peakLiveBytes());
        assertTrue(out.toString().startsWith(trace + ": 2 operations, peak live 100 bytes"), out.toString());
        assertNothingIsLeft();
    }

    @Test
    void aProgramThatFailsStillLeavesItsTrace() throws Exception {
        heaptrack("printf 'v 10400 3\\n+ 64 1 1000\\n' > \"$3.raw\"; exit 3");
        Path trace = directory.resolve("kept.raw");
        assertEquals(1, run(directory.toString(), "-o", trace.toString(), "--", "program"));
        assertEquals("program ended with status 3\n", err.toString());
        assertTrue(Files.exists(trace));
        assertNothingIsLeft();
    }

    @Test
    void aRecorderThatLeavesNothingIsASentence() throws Exception {
        heaptrack("exit 4");
        assertEquals(
                1, run(directory.toString(), "-o", directory.resolve("kept").toString(), "--", "program"));
        assertEquals("heaptrack ended with status 4 and left no trace\n", err.toString());
        assertNothingIsLeft();
    }

    @Test
    void aDirectoryThatDoesNotExistIsASentence() throws Exception {
        heaptrack("exit 0");
        Path missing = directory.resolve("missing");
        assertEquals(2, run(directory.toString(), "-o", missing.resolve("t.raw").toString(), "--", "program"));
        assertEquals(missing + ": the trace cannot be written into this directory\n", err.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {".", "/"})
    void aDirectoryInPlaceOfTheTraceIsASentenceBeforeTheProgramRuns(String where) throws Exception {
        heaptrack("touch " + directory.resolve("ran"));
        Path output = directory.resolve(where);
        assertEquals(2, run(directory.toString(), "-o", output.toString(), "--", "program"));
        assertEquals(output + ": this is a directory, not a file to write the trace to\n", err.toString());
        assertFalse(Files.exists(directory.resolve("ran")));
    }

    /** A stand-in for heaptrack, and a program for it to run, both found on the path that the test gives. */
    private void heaptrack(String script) throws Exception {
        executable("heaptrack", script);
        executable("program", "exit 0");
    }

    private void executable(String name, String script) throws Exception {
        Path file = directory.resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void assertNothingIsLeft() throws Exception {
        try (Stream<Path> files = Files.list(directory)) {
            assertTrue(files.noneMatch(file -> file.getFileName().toString().startsWith(".ptmalloc4j")));
        }
    }

    private int run(String path, String... args) {
        return new CommandLine(new RecordCommand(path))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }
}
