package io.github.ptmalloc4j.lab.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.lab.trace.BadTrace;
import io.github.ptmalloc4j.lab.trace.Op;
import io.github.ptmalloc4j.lab.trace.Trace;
import io.github.ptmalloc4j.lab.trace.TraceBuilder;
import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.ptmalloc.Malloc;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleConsumer;
import org.junit.jupiter.api.Test;

class CheckedPassTest {
    private static final DoubleConsumer NOBODY = part -> {};
    private static final HeapSource PRIVATE = new HeapSource(false, Tunables.GLIBC);
    private static final long MIB = 1 << 20;

    @Test
    void aGeneratedTraceOfAllLettersRunsClean() throws Exception {
        Trace trace = generated(50_000, 1);
        ReplayResult result = new Replay(trace, PRIVATE, Duration.ZERO, NOBODY).checked(0);
        assertEquals(trace.calls(), result.operations());
        assertEquals(trace.peakLiveBytes(), result.peakLiveBytes());
        assertTrue(result.utilisation() > 0.3 && result.utilisation() <= 1, result.toString());
        assertEquals(0, result.refusedOperations());
    }

    @Test
    void theSameTraceRunsCleanWithoutCaches() throws Exception {
        Tunables tunables = Tunables.parse("tcache_count=0:mxfast=0:perturb=165:mmap_threshold=4096:top_pad=0");
        new Replay(generated(20_000, 2), new HeapSource(false, tunables), Duration.ZERO, NOBODY).checked(0);
    }

    @Test
    void everyPageOfABlockIsTouchedOnceAndResident() throws Exception {
        Trace trace = new TraceBuilder("one").add(Op.MALLOC, 0, 0, 8 * MIB).build();
        ReplayResult result = new Replay(trace, PRIVATE, Duration.ZERO, NOBODY).checked(0);
        long pages = 8 * MIB / 4096 + 1; // The header takes a bit of one more.
        assertTrue(result.residentPages() >= pages && result.residentPages() <= pages + 2, result.toString());
        assertTrue(result.minorFaults() >= pages && result.minorFaults() <= pages + 64, result.toString());
        assertTrue(result.peakHeapBytes() >= 8 * MIB + 4096 && result.peakHeapBytes() < 9 * MIB, result.toString());
    }

    @Test
    void aRequestThatFindsNoMemoryIsCountedAndItsFreeIgnored() throws Exception {
        Trace trace = new TraceBuilder("refused")
                .add(Op.MALLOC, 0, 0, Long.MAX_VALUE)
                .add(Op.CALLOC, 1, Long.MAX_VALUE, 4)
                .add(Op.POSIX_MEMALIGN, 2, 24, 8)
                .add(Op.MALLOC, 3, 0, 100)
                .add(Op.REALLOC, 3, 0, -1)
                .add(Op.FREE, 0, 0, 0)
                .add(Op.FREE, 3, 0, 0)
                .build();
        ReplayResult result = new Replay(trace, PRIVATE, Duration.ZERO, NOBODY).checked(0);
        assertEquals(4, result.refusedOperations());
        assertEquals(100, result.peakLiveBytes());
    }

    @Test
    void aByteThatSomebodyElseChangedIsReportedWithPlaceAndValue() throws Exception {
        Trace trace = new TraceBuilder("changed").add(Op.MALLOC, 7, 0, 100).build();
        try (Malloc heap = PRIVATE.open()) {
            CheckedPass pass = new CheckedPass(trace, heap, NOBODY);
            pass.run();
            long mem = heap.walk().stream()
                    .filter(chunk -> chunk.size() == 112)
                    .findFirst()
                    .orElseThrow()
                    .mem();
            Memory.putByte(mem + 99, (byte) ~Memory.getByte(mem + 99));
            String message = assertThrows(ReplayFailure.class, pass::checkEnd).getMessage();
            assertTrue(
                    message.matches("changed: operation 1 \\(a 7 100\\): byte 99 of the block of id 7,"
                            + " filled by operation 1, is 0x.., expected 0x.."),
                    message);
        }
    }

    @Test
    void theProgressRisesToTheEnd() throws Exception {
        List<Double> parts = new ArrayList<>();
        new Replay(generated(200, 3), PRIVATE, Duration.ofMillis(10), parts::add).run();
        assertEquals(parts.stream().sorted().toList(), parts);
        assertEquals(1.0, parts.getLast());
    }

    /** A trace of all letters, its sizes mostly small, ids used again, half of the ids live. */
    private static Trace generated(int operations, long seed) throws BadTrace {
        SplittableRandom random = new SplittableRandom(seed);
        TraceBuilder builder = new TraceBuilder("generated");
        boolean[] live = new boolean[500];
        for (int i = 0; i < operations; i++) {
            int id = random.nextInt(live.length);
            if (random.nextInt(2000) == 0) {
                builder.add(Op.TRIM, -1, 0, random.nextInt(100_000));
            } else if (!live[id]) {
                allocate(builder, random, id);
                live[id] = true;
            } else if (random.nextInt(3) == 0) {
                builder.add(Op.REALLOC, id, 0, 1 + size(random));
            } else {
                builder.add(Op.FREE, id, 0, 0);
                live[id] = false;
            }
        }
        return builder.build();
    }

    private static void allocate(TraceBuilder builder, SplittableRandom random, int id) throws BadTrace {
        long alignment = 8L << random.nextInt(10);
        switch (random.nextInt(8)) {
            case 0 -> builder.add(Op.CALLOC, id, 1 + random.nextInt(9), size(random));
            case 1 -> builder.add(Op.MEMALIGN, id, alignment, size(random));
            case 2 -> builder.add(Op.ALIGNED_ALLOC, id, alignment, size(random));
            case 3 -> builder.add(Op.POSIX_MEMALIGN, id, alignment, size(random));
            case 4 -> builder.add(random.nextBoolean() ? Op.VALLOC : Op.PVALLOC, id, 0, size(random));
            default -> builder.add(Op.MALLOC, id, 0, size(random));
        }
    }

    private static long size(SplittableRandom random) {
        int bits = random.nextInt(40) == 0 ? 19 : 4 + random.nextInt(8);
        return random.nextLong(1L << bits);
    }
}
