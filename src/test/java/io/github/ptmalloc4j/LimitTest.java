package io.github.ptmalloc4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.ptmalloc.Mallinfo2;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LimitTest {
    private static final long MIB = 1L << 20;

    @Test
    void aRequestAboveTheLimitFindsNoMemoryAndChangesNothing() {
        try (Ptmalloc heap = Ptmalloc.builder().limit(8 * MIB).build()) {
            long mem = heap.malloc(MIB);
            Mallinfo2 before = heap.mallinfo2();
            assertEquals(0, heap.malloc(8 * MIB));
            assertEquals(0, heap.calloc(8, MIB));
            assertEquals(0, heap.realloc(mem, 8 * MIB));
            assertEquals(0, heap.memalign(1 << 16, 8 * MIB));
            assertEquals(before, heap.mallinfo2());
            heap.check();
            assertNotEquals(0, heap.malloc(MIB));
        }
    }

    @Test
    void whatIsFreedMayBeTakenAgain() {
        try (Ptmalloc heap = Ptmalloc.builder()
                .limit(4 * MIB)
                .tunables(Tunables.builder().mmapThreshold(MIB).build())
                .build()) {
            for (int i = 0; i < 100; i++) {
                long mem = heap.malloc(3 * MIB);
                assertNotEquals(0, mem);
                assertEquals(0, heap.malloc(3 * MIB));
                heap.free(mem);
            }
        }
    }

    @Test
    void smallRequestsStopAtTheLimitToo() {
        try (Ptmalloc heap = Ptmalloc.builder().limit(4 * MIB).build()) {
            long held = 0;
            for (long mem = heap.malloc(1000); mem != 0; mem = heap.malloc(1000)) {
                Memory.fill(mem, 1000, (byte) 1);
                held += 1008;
            }
            assertTrue(held <= 4 * MIB, "held " + held);
            assertTrue(held >= 4 * MIB - 2 * 132 * 1024, "held " + held);
            heap.check();
        }
    }

    @Test
    void theLimitHoldsForAllThreadsTogether() throws InterruptedException {
        try (Ptmalloc heap = Ptmalloc.builder().limit(16 * MIB).build()) {
            Thread[] threads = new Thread[8];
            for (int i = 0; i < threads.length; i++) {
                threads[i] = Thread.ofPlatform().start(() -> {
                    for (long mem = heap.malloc(5000); mem != 0; mem = heap.malloc(5000)) {
                        Memory.fill(mem, 5000, (byte) 1);
                    }
                });
            }
            for (Thread thread : threads) {
                thread.join();
            }
            Mallinfo2 info = heap.mallinfo2();
            assertTrue(info.arena() + info.hblkhd() <= 16 * MIB, info.toString());
            heap.check();
        }
    }

    @Test
    void theListenerHearsOfEachCrossingOnceAndMayUseTheHeap() throws InterruptedException {
        BlockingQueue<Long> heard = new LinkedBlockingQueue<>();
        Ptmalloc[] self = new Ptmalloc[1];
        try (Ptmalloc heap = Ptmalloc.builder()
                .limit(8 * MIB)
                .tunables(Tunables.builder().mmapThreshold(MIB).build())
                .onNearLimit(0.5, (mapped, limit) -> {
                    self[0].free(self[0].malloc(100));
                    heard.add(mapped);
                    assertEquals(8 * MIB, limit);
                })
                .build()) {
            self[0] = heap;
            for (int i = 0; i < 3; i++) {
                long one = heap.malloc(4 * MIB);
                Long mapped = heard.poll(10, TimeUnit.SECONDS);
                assertTrue(mapped != null && mapped >= 4 * MIB, "heard " + mapped);
                long two = heap.malloc(2 * MIB);
                heap.free(two);
                assertEquals(null, heard.poll(20, TimeUnit.MILLISECONDS));
                heap.free(one);
            }
        }
    }

    @Test
    void aLimitBelowTheFirstPageMakesNoHeap() {
        assertThrows(OutOfMemoryError.class, () -> Ptmalloc.builder().limit(100).build());
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        HeapBuilder builder = Ptmalloc.builder();
        assertThrows(IllegalArgumentException.class, () -> builder.limit(0));
        assertThrows(IllegalArgumentException.class, () -> builder.onNearLimit(0, (mapped, limit) -> {}));
        assertThrows(IllegalArgumentException.class, () -> builder.onNearLimit(1.1, (mapped, limit) -> {}));
        assertThrows(IllegalArgumentException.class, () -> builder.onNearLimit(Double.NaN, (mapped, limit) -> {}));
    }
}
