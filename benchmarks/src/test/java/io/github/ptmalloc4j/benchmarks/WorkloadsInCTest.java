package io.github.ptmalloc4j.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.benchmarks.SideBySide.Row;
import io.github.ptmalloc4j.benchmarks.allocators.Allocator;
import io.github.ptmalloc4j.benchmarks.allocators.Allocators;
import io.github.ptmalloc4j.benchmarks.allocators.NativeLibrary;
import io.github.ptmalloc4j.benchmarks.workloads.Workload;
import io.github.ptmalloc4j.benchmarks.workloads.Workload.Outcome;
import java.io.IOException;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** The program in C does as much as the workloads in Java. */
class WorkloadsInCTest {
    private static final String[] NAMES = {
        "pair 64",
        "calloc 64",
        "aligned 64",
        "batch fifo",
        "batch lifo 64",
        "batch random",
        "glibc-simple 16 100",
        "glibc-thread 2",
        "larson 2 1000",
        "xmalloc 64",
        "xmalloc 0",
        "mstress 1",
        "mstress 2",
        "rptest 1",
        "rptest 2",
        "cache-scratch 2",
        "cache-thrash 2",
        "realloc-vectors",
        "churn 1000",
        "phase 1000",
        "live 1"
    };

    @Test
    void bothDoTheSameOperations() throws IOException, InterruptedException {
        SideBySide processes = new SideBySide(0, 1);
        for (String name : NAMES) {
            same(processes, new Row(name, 20_000));
        }
        same(processes, new Row("realloc-growth", 2));
        same(processes, new Row("large", 2));
    }

    private static void same(SideBySide processes, Row row) throws IOException, InterruptedException {
        Sample c = processes.run(row, SideBySide.C);
        try (Allocator allocator = Allocators.open(Allocators.PTMALLOC4J_GLIBC)) {
            Outcome java = Workload.named(row.name()).run(allocator, row.operations());
            assertEquals(c.operations(), java.operations(), row.name());
            assertEquals(c.liveBytes(), java.peakLive(), row.name());
            assertTrue(java.wallNanos() > 0 && java.cpuNanos() > 0, row.name());
        }
    }

    @Test
    void oneRunInAJvmOfItsOwn() throws IOException, InterruptedException {
        Sample sample = new SideBySide(0, 1).run(new Row("churn 1000", 20_000), Allocators.PTMALLOC4J_SERVICE);
        assertEquals(20_000, sample.operations());
        assertTrue(sample.liveBytes() > 500_000, sample.toString());
        assertTrue(sample.arenaBytes() > sample.liveBytes(), sample.toString());
    }

    @Test
    void othersArePreloaded() throws IOException, InterruptedException {
        SideBySide processes = new SideBySide(0, 1);
        for (NativeLibrary library : NativeLibrary.values()) {
            String name = library.name().toLowerCase(Locale.ROOT);
            if (library != NativeLibrary.LIBC && library.missing().isEmpty()) {
                Sample sample = processes.run(new Row("batch fifo", 20_000), SideBySide.C_WITH + name);
                assertEquals(20_000, sample.operations());
                // malloc_info is the C library's, whose heap stays nearly empty.
                assertTrue(sample.arenaBytes() < 500_000, sample.toString());
            }
        }
    }
}
