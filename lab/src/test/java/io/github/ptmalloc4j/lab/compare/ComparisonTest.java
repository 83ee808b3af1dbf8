package io.github.ptmalloc4j.lab.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.lab.trace.BadTrace;
import io.github.ptmalloc4j.lab.trace.Op;
import io.github.ptmalloc4j.lab.trace.Trace;
import io.github.ptmalloc4j.lab.trace.TraceBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replays in processes of their own; needs gcc, as the other tests against the C library do. */
class ComparisonTest {
    @TempDir
    Path directory;

    @Test
    void oursAndTheCLibraryTakeTheSameHeapToTheByte() throws Exception {
        TraceComparison result = compare(mixed(20_000, 1, 1), Allocator.PTMALLOC4J, Allocator.GLIBC);
        Measurement ours = result.allocators().get(0);
        Measurement glibc = result.allocators().get(1);
        assertNull(ours.note());
        assertNull(glibc.note());
        assertEquals(glibc.peakHeapBytes(), ours.peakHeapBytes());
        assertTrue(glibc.peakHeapBytes() >= result.peakLiveBytes(), glibc.toString());
        assertEquals((double) result.peakLiveBytes() / glibc.peakHeapBytes(), glibc.utilisation());
        for (Measurement row : result.allocators()) {
            assertEquals(2, row.passNanos().length);
            assertEquals(2, row.passCpuNanos().length);
            assertTrue(row.cpuNanosPerOperation(result.operations()) > 0, row.toString());
            assertTrue(row.minorFaults() * 4096 >= row.peakResidentBytes() / 2, row.toString());
            assertTrue(row.peakResidentBytes() > 0 && row.systemCalls() > 0, row.toString());
            assertEquals(0, row.refused());
            assertEquals(result.sampledAt().length, row.heapBytes().length);
            assertTrue(row.fastestNanosPerOperation() <= row.nanosPerOperation());
            assertTrue(row.nanosPerOperation() <= row.slowestNanosPerOperation());
        }
    }

    @Test
    void everyPageOfALargeBlockIsAFaultAndResident() throws Exception {
        int bytes = 8 << 20;
        Trace trace = new TraceBuilder("one").add(Op.MALLOC, 0, 0, bytes).build();
        Measurement row = compare(trace, Allocator.GLIBC).allocators().getFirst();
        int pages = bytes / 4096 + 1;
        assertTrue(row.minorFaults() >= pages && row.minorFaults() < pages + 64, row.toString());
        assertTrue(row.peakResidentBytes() >= bytes && row.peakResidentBytes() < bytes + (1 << 20), row.toString());
        // The mapping, and the heap that glibc begins for the thread's cache: top_pad and a page.
        assertEquals(bytes + 4096 + (132 << 10), row.peakHeapBytes());
        assertEquals(1, row.systemCallsByName().get("mmap"));
    }

    @Test
    void everyLetterIsUnderstoodInCAndInJava() throws Exception {
        Trace trace = new TraceBuilder("letters")
                .add(Op.MALLOC, 0, 0, 10)
                .add(Op.WRITE, 0, 0, 10)
                .add(Op.REALLOC, 0, 0, 100_000)
                .add(Op.CALLOC, 1, 7, 11)
                .add(Op.MEMALIGN, 2, 64, 30)
                .add(Op.ALIGNED_ALLOC, 3, 4096, 40)
                .add(Op.POSIX_MEMALIGN, 4, 32, 50)
                .add(Op.VALLOC, 5, 0, 60)
                .add(Op.PVALLOC, 6, 0, 70)
                .add(Op.TRIM, -1, 0, 0)
                .add(Op.MALLOPT, -1, -1, 262_144)
                .add(Op.POSIX_MEMALIGN, 7, 24, 8)
                .add(Op.CALLOC, 8, Long.MAX_VALUE, 4)
                .add(Op.MALLOC, 9, 0, Long.MAX_VALUE)
                .add(Op.REALLOC, 1, 0, 0)
                .add(Op.FREE, 7, 0, 0)
                .add(Op.FREE, 2, 0, 0)
                .add(Op.FREE, -1, 0, 0)
                .build();
        TraceComparison result = compare(
                trace,
                Allocator.GLIBC,
                Allocator.GLIBC_FFM,
                Allocator.SERVICE,
                Allocator.SEGMENTS,
                Allocator.ARENA_CONFINED,
                Allocator.ARENA_SHARED,
                Allocator.DIRECT_BUFFER,
                Allocator.NETTY_POOLED,
                Allocator.NETTY_ADAPTIVE);
        for (Measurement row : result.allocators()) {
            assertFalse(row.failed(), row.toString());
            assertEquals(3, row.refused(), row.toString());
        }
    }

    @Test
    void threadsReplayThreadsAndBlocksChangeHands() throws Exception {
        TraceComparison result =
                compare(mixed(20_000, 4, 2), Allocator.PTMALLOC4J, Allocator.GLIBC, Allocator.ARENA_CONFINED);
        for (Measurement row : result.allocators().subList(0, 2)) {
            assertFalse(row.failed(), row.toString());
            assertEquals(0, row.refused());
            assertTrue(row.peakHeapBytes() >= result.peakLiveBytes(), row.toString());
        }
        assertTrue(result.allocators().getLast().note().contains("confined"));
    }

    @Test
    void anAllocatorThatIsNotInstalledIsARowThatNamesThePackage() throws Exception {
        Comparison.Settings settings = settings("gcc", List.of(directory));
        TraceComparison result = new Comparison(settings)
                .compare(mixed(10, 1, 3), List.of(Allocator.JEMALLOC, Allocator.MIMALLOC_FFM), Progress.NONE);
        assertEquals(
                "not installed: apt-get install libjemalloc2",
                result.allocators().get(0).note());
        assertEquals(
                "not installed: apt-get install libmimalloc2.0",
                result.allocators().get(1).note());
        assertFalse(result.allocators().get(0).failed());
    }

    @Test
    void withoutACompilerASentenceSaysSoAndJavaIsStillTimed() throws Exception {
        Comparison comparison = new Comparison(settings("no-such-gcc", List.of()), directory.resolve("cache"));
        TraceComparison result =
                comparison.compare(mixed(100, 1, 4), List.of(Allocator.GLIBC, Allocator.PTMALLOC4J), Progress.NONE);
        String sentence = "the replayer in C needs no-such-gcc, which is not installed (apt-get install gcc libc6-dev)";
        assertEquals(sentence, result.allocators().get(0).note());
        assertNull(result.allocators().get(0).nanosPerOperation());
        assertEquals(sentence, result.allocators().get(1).note());
        assertNotNull(result.allocators().get(1).nanosPerOperation());
        assertNotNull(result.allocators().get(1).minorFaults());
        assertNull(result.allocators().get(1).systemCalls());
    }

    @Test
    void theCostOfATraceIsForOtherProgramsToo() throws Exception {
        Path file = directory.resolve("t.rep");
        Files.writeString(file, "1\n2\n4\n5000\na 0 5000\nf 0\na 1 100\nf 1\n");
        TraceCost glibc = TraceCost.measure(file, "glibc", Duration.ZERO, Duration.ZERO);
        TraceCost ours = TraceCost.measure(file, "ptmalloc4j", Duration.ZERO, Duration.ZERO);
        assertEquals(4, glibc.operations());
        assertEquals(5000, glibc.peakLiveBytes());
        assertEquals(glibc.peakHeapBytes(), ours.peakHeapBytes());
        assertTrue(ours.wallNanos() > 0 && ours.cpuNanos() > 0 && ours.minorFaults() > 0, ours.toString());
        assertThrows(
                IllegalArgumentException.class, () -> TraceCost.measure(file, "hoard", Duration.ZERO, Duration.ZERO));
    }

    private TraceComparison compare(Trace trace, Allocator... allocators) throws Exception {
        return new Comparison(settings("gcc", Comparison.LIBRARY_DIRECTORIES))
                .compare(trace, List.of(allocators), Progress.NONE);
    }

    private static Comparison.Settings settings(String compiler, List<Path> libraries) {
        return new Comparison.Settings("", false, Duration.ZERO, 2, Duration.ZERO, compiler, libraries);
    }

    /** A trace of small blocks, mostly, that random threads allocate, reallocate and free. */
    private static Trace mixed(int operations, int threads, long seed) throws BadTrace {
        SplittableRandom random = new SplittableRandom(seed);
        TraceBuilder builder = new TraceBuilder("mixed").thread(0);
        List<Integer> live = new ArrayList<>();
        int ids = 0;
        for (int i = 0; i < operations; i++) {
            if (random.nextInt(20) == 0) {
                builder.thread(random.nextInt(threads));
            }
            int kind = live.isEmpty() ? 0 : random.nextInt(10);
            int size = 1 + random.nextInt(random.nextInt(200) == 0 ? 200_000 : 2_000);
            if (kind < 5) {
                builder.add(Op.MALLOC, ids, 0, size);
                live.add(ids++);
            } else if (kind < 6) {
                builder.add(Op.REALLOC, live.get(random.nextInt(live.size())), 0, size);
            } else {
                builder.add(Op.FREE, live.remove(random.nextInt(live.size())), 0, 0);
            }
        }
        return builder.build();
    }
}
