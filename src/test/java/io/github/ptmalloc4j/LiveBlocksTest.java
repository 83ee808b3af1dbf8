package io.github.ptmalloc4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.ptmalloc.Tunables;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LiveBlocksTest {
    private final Ptmalloc heap =
            Ptmalloc.builder().name("live-blocks").findLeaks(1).build();

    @AfterEach
    void close() {
        heap.close();
    }

    private long leaks(int bytes) {
        return heap.malloc(bytes);
    }

    @Test
    void aHeapThatRemembersNothingSaysSo() {
        try (Ptmalloc other = Ptmalloc.builder().name("silent").build()) {
            IllegalStateException e = assertThrows(IllegalStateException.class, other::liveBlocks);
            assertEquals("the heap silent remembers no allocations: build it with findLeaks", e.getMessage());
        }
    }

    @Test
    void anIntervalIsPositive() {
        assertThrows(IllegalArgumentException.class, () -> Ptmalloc.builder().findLeaks(0));
    }

    @Test
    void aLiveBlockTellsWhoAllocatedIt() {
        long mem = leaks(100);
        LiveBlock block = heap.liveBlocks().blocks().getFirst();
        assertEquals(mem, block.address());
        assertEquals(100, block.bytes());
        assertEquals(100, block.weight());
        assertEquals(Thread.currentThread().getName(), block.thread());
        assertEquals("leaks", block.stack().getFirst().getMethodName());
        assertEquals("aLiveBlockTellsWhoAllocatedIt", block.stack().get(1).getMethodName());
    }

    @Test
    void everyWayToAllocateIsRememberedAndEveryWayToFreeIsForgotten() {
        List<Long> blocks = new ArrayList<>(List.of(
                heap.malloc(1),
                heap.calloc(3, 5),
                heap.memalign(64, 7),
                heap.alignedAlloc(64, 64),
                heap.posixMemalign(32, 9),
                heap.valloc(11),
                heap.pvalloc(13),
                heap.realloc(0, 15),
                heap.malloc(1 << 20)));
        assertEquals(9, heap.liveBlocks().blocks().size());
        blocks.set(0, heap.realloc(blocks.getFirst(), 5000));
        assertEquals(9, heap.liveBlocks().blocks().size());
        assertEquals(0, heap.realloc(blocks.removeLast(), 0));
        blocks.forEach(heap::free);
        assertTrue(heap.liveBlocks().isEmpty(), () -> heap.liveBlocks().toString());
    }

    @Test
    void whatFailsChangesNothing() {
        long mem = heap.malloc(10);
        assertEquals(0, heap.malloc(Long.MAX_VALUE));
        assertEquals(0, heap.realloc(mem, Long.MAX_VALUE));
        assertTrue(heap.posixMemalign(3, 8) < 0);
        assertEquals(List.of(mem), addresses());
        heap.free(mem);
    }

    private List<Long> addresses() {
        return heap.liveBlocks().blocks().stream().map(LiveBlock::address).toList();
    }

    @Test
    void segmentsAreRememberedUntilTheyAreFreed() {
        HeapSegments segments = heap.segments();
        MemorySegment segment = segments.allocate(100);
        assertEquals(
                "segmentsAreRememberedUntilTheyAreFreed",
                heap.liveBlocks().blocks().getFirst().stack().getFirst().getMethodName());
        MemorySegment resized = segments.reallocate(segment, 300);
        assertEquals(300, heap.liveBlocks().blocks().getFirst().bytes());
        assertThrows(IllegalArgumentException.class, () -> segments.free(resized.asSlice(0, 10)));
        assertEquals(1, heap.liveBlocks().blocks().size());
        segments.free(resized);
        assertTrue(heap.liveBlocks().isEmpty());
    }

    @Test
    void aLifetimeThatIsNotClosedIsALeak() {
        for (Lifetime lifetime :
                List.of(heap.segments().confined(), heap.segments().bump())) {
            lifetime.allocate(100);
            assertEquals(1, heap.liveBlocks().blocks().size());
            assertEquals(
                    "aLifetimeThatIsNotClosedIsALeak",
                    heap.liveBlocks().blocks().getFirst().stack().getFirst().getMethodName());
            lifetime.close();
            assertTrue(heap.liveBlocks().isEmpty());
        }
    }

    @Test
    void aSharedLifetimeIsForgottenWithItsEpoch() {
        for (int i = 0; i < SharedEpochs.MOST_LIFETIMES; i++) {
            assertEquals(i, heap.liveBlocks().blocks().size());
            Lifetime lifetime = heap.segments().shared();
            lifetime.allocate(100);
            lifetime.close();
        }
        assertTrue(heap.liveBlocks().isEmpty());
    }

    @Test
    void theReportIsByStackTheHeaviestFirst() {
        for (int i = 0; i < 3; i++) {
            heap.malloc(10);
        }
        leaks(1000);
        LiveBlocks live = heap.liveBlocks();
        assertEquals(
                List.of(1, 3), live.sites().stream().map(LiveBlocks.Site::count).toList());
        assertEquals(1030, live.weight());
        String report = live.toString();
        assertTrue(report.startsWith("4 live blocks of 1,030 bytes"), report);
        assertTrue(report.indexOf("LiveBlocksTest.leaks") > 0, report);
        assertTrue(report.indexOf("1,000 bytes in 1 blocks") < report.indexOf("30 bytes in 3 blocks"), report);
    }

    @Test
    void sinceLeavesOutWhatWasLiveBefore() {
        heap.malloc(10);
        long gone = heap.malloc(20);
        LiveBlocks before = heap.liveBlocks();
        heap.free(gone);
        long late = heap.malloc(20);
        assertEquals(
                List.of(late),
                heap.liveBlocks().since(before).blocks().stream()
                        .map(LiveBlock::address)
                        .toList());
    }

    @Test
    void samplesStandForWhatIsLive() {
        try (Ptmalloc sampled = Ptmalloc.builder().findLeaks(4096).build()) {
            long truth = 0;
            for (int i = 0; i < 100_000; i++) {
                long bytes = 16 + i % 500;
                sampled.malloc(bytes);
                truth += bytes;
            }
            LiveBlocks live = sampled.liveBlocks();
            double samples = live.blocks().size();
            // The error is one part in the root of their number; ten times that is out of the question.
            double allowed = 10 / Math.sqrt(samples);
            assertEquals(
                    1,
                    (double) live.weight() / truth,
                    allowed,
                    () -> live.blocks().size() + " samples");
            assertTrue(samples > 1000, () -> live.blocks().size() + " samples");
        }
    }

    @Test
    void blocksThatACacheHandsOutAreSampledByTheirBytesAndForgottenWhenFreed() {
        try (Ptmalloc sampled = Ptmalloc.builder().findLeaks(16_384).build()) {
            for (int i = 0; i < 1_000_000; i++) {
                sampled.free(sampled.malloc(24));
                sampled.free(sampled.malloc(200));
            }
            LiveBlocks live = sampled.liveBlocks();
            double expected = 224e6 / 16_384;
            assertEquals(expected, live.taken(), 10 * Math.sqrt(expected));
            assertTrue(live.isEmpty(), live::toString);
        }
    }

    @Test
    void largeBlocksThatACacheHandsOutAreSampledByTheirBytesToo() {
        try (Ptmalloc sampled = Ptmalloc.builder()
                .tunables(Tunables.service())
                .findLeaks(1 << 20)
                .build()) {
            for (int i = 0; i < 200_000; i++) {
                sampled.free(sampled.malloc(24));
                sampled.free(sampled.malloc(16_000));
                sampled.free(sampled.calloc(1, 4000));
            }
            LiveBlocks live = sampled.liveBlocks();
            double expected = 200_000 * 20_024.0 / (1 << 20);
            assertEquals(expected, live.taken(), 10 * Math.sqrt(expected));
            assertTrue(live.isEmpty(), live::toString);
        }
    }

    @Test
    void samplesThatAreResizedAreForgottenWhenFreed() {
        try (Ptmalloc sampled = Ptmalloc.builder().findLeaks(1000).build()) {
            for (int i = 0; i < 20_000; i++) {
                long mem = sampled.calloc(1, 50 + i % 3000);
                mem = sampled.realloc(mem, 20 + i % 2500);
                assertEquals(0, sampled.realloc(mem, Long.MAX_VALUE));
                sampled.free(sampled.realloc(mem, 300_000 + i % 7));
            }
            LiveBlocks live = sampled.liveBlocks();
            assertTrue(live.taken() > 20_000, () -> live.taken() + " samples");
            assertTrue(live.isEmpty(), live::toString);
        }
    }

    @Test
    void aThreadThatAllocatesFastIsSampledAtLeisureAndItsSamplesStandForMore() {
        try (Ptmalloc sampled = Ptmalloc.builder().findLeaks().build()) {
            long truth = 0;
            for (int i = 0; i < 4000; i++) {
                sampled.malloc(8 << 20);
                truth += 8 << 20;
            }
            LiveBlocks live = sampled.liveBlocks();
            assertTrue(!live.isEmpty() && live.blocks().size() <= 4000, live::toString);
            // Each block stands for itself at least, and for the others that it was drawn from.
            assertTrue(live.weight() > truth / 10 && live.weight() < truth * 10, live::toString);
        }
    }

    @Test
    void aHeapThatRemembersEveryBlockMakesNoneLarger() {
        long mem = heap.malloc(24);
        assertEquals(24, heap.mallocUsableSize(mem));
        assertEquals(mem + 32, heap.malloc(24));
    }
}
