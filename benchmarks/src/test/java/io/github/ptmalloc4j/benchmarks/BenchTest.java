package io.github.ptmalloc4j.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code bench} makes of its arguments, and of runs that fail. */
class BenchTest {
    private static final String[] SHORT = {"-wi", "0", "-i", "1", "-r", "1ms", "-v", "SILENT"};

    @TempDir
    Path directory;

    private String said;
    private int forks;

    private int bench(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of(SHORT));
        all.addAll(List.of("-f", Integer.toString(forks)));
        PrintStream before = System.err;
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        System.setErr(new PrintStream(err, true));
        try {
            return Bench.run(all.toArray(String[]::new));
        } finally {
            System.setErr(before);
            said = err.toString();
        }
    }

    @Test
    void aRunWithResultsEndsWell() throws IOException {
        Path file = directory.resolve("results.csv");
        String allocators = "allocator=ptmalloc4j-glibc,ptmalloc4j:tcache_count=0";
        assertEquals(
                0,
                bench(
                        "jmh.(Pair|Xmalloc|ArenaLifetimes).run",
                        "-p",
                        allocators,
                        "-p",
                        "bytes=64",
                        "-p",
                        "idle=0",
                        "-p",
                        "segments=1",
                        "-p",
                        "lifetime=ofConfined",
                        "-rf",
                        "csv",
                        "-rff",
                        file.toString()),
                () -> said);
        assertEquals(1 + 2 + 2 + 1, Files.readAllLines(file).size(), "a head and a line for each");
    }

    @Test
    void namesOfNoAllocatorAndWrongTunablesAreBadInput() throws IOException {
        for (String name : List.of("hoard", "hoard-critical", "arena-shared-critical", "ptmalloc4j:speed=1")) {
            assertEquals(2, bench("jmh.Pair.run", "-p", "allocator=" + name), name);
            assertEquals(1, said.lines().count(), said);
        }
        assertEquals(2, bench("NoSuchBenchmark"));
    }

    @Test
    void aBenchmarkThatFailsIsToldAndEndsInStatus1() throws IOException {
        // Nobody has so much memory; the other size goes on. In a fork, as JMH does not tidy up behind a failure.
        forks = 1;
        assertEquals(
                1,
                bench("jmh.Pair.run", "-p", "allocator=ptmalloc4j-glibc", "-p", "bytes=64,4611686018427387904"),
                () -> said);
        assertTrue(said.contains("no result of") && said.contains("4611686018427387904"), said);
        assertEquals(
                1, said.lines().filter(line -> line.contains("no result of")).count(), said);
    }
}
