package io.github.ptmalloc4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.ptmalloc.ArenaSnapshot;
import io.github.ptmalloc4j.ptmalloc.CallCounts;
import io.github.ptmalloc4j.ptmalloc.HeapChunk;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import io.github.ptmalloc4j.verify.Maps;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotTest {
    private static final long MIB = 1L << 20;

    private static void assertAddsUp(HeapSnapshot s) {
        assertEquals(s.mapped(), s.inUse() + s.cached() + s.free() + s.top() + s.overhead() + s.spare(), s.toString());
        assertTrue(s.mapped() <= s.reserved(), s.toString());
        assertTrue(s.resident() <= s.mapped(), s.toString());
        assertTrue(s.trimmable() <= s.free() + s.top(), s.toString());
        long accessible = s.mappedChunkBytes();
        for (ArenaSnapshot a : s.arenas()) {
            assertEquals(a.accessible(), a.held() + a.free() + a.top() + a.overhead() + a.spare(), a.toString());
            accessible += a.accessible();
        }
        assertEquals(s.mapped(), accessible, s.toString());
    }

    private static void assertAgreesWithTheWalk(Ptmalloc heap, HeapSnapshot s) {
        long inUse = 0;
        long cached = 0;
        long free = 0;
        for (HeapChunk chunk : heap.walk()) {
            switch (chunk.state()) {
                case TCACHE -> cached += chunk.size();
                case FAST, UNSORTED, SMALL, LARGE -> free += chunk.size();
                case MMAPPED, IN_USE -> inUse += chunk.size();
                default -> {}
            }
        }
        assertEquals(cached, s.cached());
        assertEquals(free, s.free());
        long held = heap.walk().stream()
                .filter(c -> c.state() == HeapChunk.State.MMAPPED || c.state() == HeapChunk.State.IN_USE)
                .count();
        assertEquals(held, s.calls().blocks() + s.caches());
        // The walk takes the tables of caches for chunks in use.
        assertEquals(inUse, s.inUse() + 656L * s.caches());
    }

    private static void work(Ptmalloc heap, long seed, int rounds, List<Long> held) {
        Random random = new Random(seed);
        for (int i = 0; i < rounds; i++) {
            if (held.isEmpty() || random.nextInt(5) < 3) {
                long bytes = 1L << random.nextInt(i % 100 == 0 ? 19 : 13);
                long mem = heap.malloc(bytes + random.nextInt(100));
                Memory.fill(mem, bytes, (byte) 1);
                held.add(mem);
            } else {
                int at = random.nextInt(held.size());
                heap.free(held.set(at, held.getLast()));
                held.removeLast();
            }
        }
    }

    @Test
    void aHeapThatWasNeverUsedHasOnlyThePageOfItsBins() {
        try (Ptmalloc heap = Ptmalloc.create()) {
            HeapSnapshot s = heap.snapshot();
            assertAddsUp(s);
            assertEquals(4096, s.mapped());
            assertEquals(4096, s.overhead());
            assertEquals(0, s.inUse());
            assertEquals(-1, s.limit());
            assertEquals(0, s.fragmentation());
            assertEquals(Ptmalloc.DEFAULT_RESERVATION + 4096, s.reserved());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 36, 1 << 20, 1})
    void theNumbersAddUpAfterRandomWork(long reservation) {
        try (Ptmalloc heap = Ptmalloc.create(Tunables.GLIBC, reservation)) {
            List<Long> held = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                work(heap, i, 500, held);
                assertAddsUp(heap.snapshot());
            }
            assertAgreesWithTheWalk(heap, heap.snapshot());
            heap.mallocTrim(0);
            assertAddsUp(heap.snapshot());
            held.forEach(heap::free);
            assertAddsUp(heap.snapshot());
        }
    }

    @Test
    void theNumbersOfManyArenasAddUp() throws InterruptedException {
        try (Ptmalloc heap = Ptmalloc.create()) {
            CountDownLatch worked = new CountDownLatch(6);
            CountDownLatch looked = new CountDownLatch(1);
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                int seed = i;
                threads.add(Thread.ofPlatform().start(() -> {
                    work(heap, seed, 60_000, new ArrayList<>());
                    worked.countDown();
                    await(looked);
                }));
            }
            worked.await();
            HeapSnapshot s = heap.snapshot();
            assertAddsUp(s);
            assertAgreesWithTheWalk(heap, s);
            assertTrue(s.arenas().size() > 1, s.toString());
            assertEquals(6, s.caches());
            looked.countDown();
            for (Thread thread : threads) {
                thread.join();
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theRangesAreWhatTheKernelHasMapped() {
        try (Ptmalloc heap = Ptmalloc.create()) {
            work(heap, 5, 20_000, new ArrayList<>());
            Thread other = Thread.ofPlatform().start(() -> work(heap, 6, 20_000, new ArrayList<>()));
            join(other);
            Maps maps = Maps.read();
            long mapped = 0;
            for (long[] range : heap.meter().accessibleRanges()) {
                assertEquals("rw-p", maps.permissions(range[0], range[1]));
                mapped += range[1] - range[0];
            }
            assertEquals(heap.snapshot().mapped(), mapped);
            long open = 0;
            for (long[] range : heap.meter().reservedRanges()) {
                for (Maps.Mapping m : maps.overlapping(range[0], range[1])) {
                    long bytes = Math.min(m.end(), range[1]) - Math.max(m.start(), range[0]);
                    open += m.permissions().equals("rw-p") ? bytes : 0;
                }
            }
            assertEquals(mapped, open, "nothing else is open in the heap's addresses");
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void residentIsWhatWasTouched() {
        try (Ptmalloc heap = Ptmalloc.create()) {
            long mem = heap.malloc(10 * MIB);
            long before = heap.snapshot().resident();
            assumeTrue(before >= 0, "no page map on this machine");
            Memory.fill(mem, 5 * MIB, (byte) 1);
            long touched = heap.snapshot().resident() - before;
            assertTrue(touched >= 5 * MIB - 4096 && touched <= 7 * MIB, "touched " + touched);
            heap.free(mem);
            assertTrue(heap.snapshot().resident() < MIB);
        }
    }

    @Test
    void trimGivesBackWhatWasCalledTrimmable() {
        try (Ptmalloc heap = Ptmalloc.create(
                Tunables.builder().tcacheCount(0).trimThreshold(-1).build())) {
            long[] blocks = new long[1000];
            for (int i = 0; i < blocks.length; i++) {
                blocks[i] = heap.malloc(20_000);
                Memory.fill(blocks[i], 20_000, (byte) 1);
            }
            for (int i = 0; i < blocks.length; i += 2) {
                heap.free(blocks[i]);
            }
            HeapSnapshot before = heap.snapshot();
            assertAddsUp(before);
            assumeTrue(before.resident() >= 0, "no page map on this machine");
            assertTrue(before.fragmentation() > 0.49 && before.fragmentation() < 0.51, before.toString());
            heap.mallocTrim(0);
            HeapSnapshot after = heap.snapshot();
            assertAddsUp(after);
            long topNeverTouched = before.top();
            long given = before.resident() - after.resident();
            assertTrue(given <= before.trimmable(), given + " of " + before);
            assertTrue(given >= before.trimmable() - topNeverTouched, given + " of " + before);
        }
    }

    @Test
    void snapshotsLeaveNothingOffTheJavaHeap() {
        BufferPoolMXBean direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .findFirst()
                .orElseThrow();
        try (Ptmalloc heap = Ptmalloc.create()) {
            heap.snapshot();
            long before = direct.getCount();
            for (int i = 0; i < 100; i++) {
                heap.snapshot();
            }
            // Other threads may have made a few.
            assertTrue(direct.getCount() - before < 50, direct.getCount() - before + " direct buffers");
        }
    }

    @Test
    void aMappedBlockThatMovesOrMeetsTheLimitIsStillCountedOnce() {
        try (Ptmalloc heap = Ptmalloc.builder().limit(8 * MIB).build()) {
            long mem = heap.malloc(5 * MIB);
            Memory.putLong(mem, 7);
            HeapSnapshot before = heap.snapshot();
            assertAddsUp(before);
            assertEquals(0, heap.realloc(mem, 9 * MIB));
            assertEquals(7, Memory.getLong(mem));
            HeapSnapshot refused = heap.snapshot();
            assertAddsUp(refused);
            assertEquals(before.mapped(), refused.mapped());
            assertTrue(refused.refusals() > before.refusals());
            mem = heap.realloc(mem, 7 * MIB);
            assertEquals(7, Memory.getLong(mem));
            assertAddsUp(heap.snapshot());
            assertEquals(before.mapped() + 2 * MIB, heap.snapshot().mapped());
            heap.realloc(mem, 200_000);
            assertAddsUp(heap.snapshot());
        }
    }

    @Test
    void systemCallsAreCountedByName() {
        try (Ptmalloc heap = Ptmalloc.create()) {
            heap.free(heap.malloc(10 * MIB));
            HeapSnapshot s = heap.snapshot();
            assertEquals(3, s.systemCalls().mmap(), "the range, the bins, the chunk");
            assertEquals(1, s.systemCalls().munmap());
            assertEquals(0, s.systemCalls().sbrk());
        }
    }

    @Test
    void aSnapshotMayBeTakenWhileThreadsComeAndGo() throws InterruptedException {
        AtomicBoolean stop = new AtomicBoolean();
        try (Ptmalloc heap = Ptmalloc.create(Tunables.service())) {
            Thread maker = Thread.ofPlatform().start(() -> {
                for (int i = 0; !stop.get(); i++) {
                    int seed = i;
                    join(Thread.ofPlatform().start(() -> {
                        List<Long> held = new ArrayList<>();
                        work(heap, seed, 500, held);
                        held.forEach(heap::free);
                        heap.releaseThread();
                    }));
                }
            });
            for (int i = 0; i < 2000; i++) {
                HeapSnapshot s = heap.snapshot();
                assertTrue(s.inUse() >= 0 && s.cached() >= 0, s.toString());
            }
            stop.set(true);
            maker.join();
            assertAddsUp(heap.snapshot());
        }
    }

    private static void assertCalls(HeapSnapshot s, long mallocs, long frees, long reallocs, long failures) {
        assertEquals(new CallCounts(mallocs, frees, reallocs, failures), s.calls());
    }

    /** Of each kind: cached, from an arena, mapped. */
    private static void call(Ptmalloc heap) {
        for (long bytes : new long[] {24, 24, 2000, MIB}) {
            heap.free(heap.malloc(bytes));
            heap.free(heap.calloc(1, bytes));
            heap.free(heap.memalign(256, bytes));
            heap.free(heap.realloc(heap.realloc(heap.malloc(bytes), 5 * bytes), 2 * bytes));
        }
        heap.free(0);
        heap.realloc(heap.realloc(0, 10), 0);
        heap.malloc(-1);
        heap.calloc(1 << 30, 1L << 40);
        heap.malloc(1L << 46);
        heap.malloc(500);
    }

    @Test
    void everyCallIsCountedOnceWhicheverWayItTakesAndWhoeverMakesIt() throws InterruptedException {
        try (Ptmalloc heap = Ptmalloc.create()) {
            call(heap);
            assertCalls(heap.snapshot(), 18, 17, 8, 3);
            Thread.ofPlatform().start(() -> call(heap)).join();
            assertCalls(heap.snapshot(), 36, 34, 16, 6);
            Thread.ofVirtual().start(() -> call(heap)).join();
            assertCalls(heap.snapshot(), 54, 51, 24, 9);
            heap.releaseThread();
            assertCalls(heap.snapshot(), 54, 51, 24, 9);
            HeapSegments segments = heap.segments();
            for (int i = 0; i < 10; i++) {
                segments.free(segments.reallocate(segments.allocate(100), 300));
            }
            try (Lifetime lifetime = segments.confined()) {
                lifetime.allocate(100);
                lifetime.allocate(100);
            }
            assertCalls(heap.snapshot(), 66, 63, 34, 9);
            assertAddsUp(heap.snapshot());
        }
    }

    @Test
    void whatWasRequestedIsEstimatedWell() {
        try (Ptmalloc heap = Ptmalloc.create()) {
            Random random = new Random(7);
            long asked = 0;
            for (int i = 0; i < 20_000; i++) {
                int bytes = 1 + random.nextInt(i % 1000 == 0 ? 400_000 : 300);
                asked += bytes;
                heap.malloc(bytes);
            }
            long requested = heap.snapshot().requested();
            assertTrue(Math.abs(requested - asked) < 0.02 * asked, requested + " for " + asked);
            assertTrue(requested < heap.snapshot().inUse());
        }
    }

    @Test
    void faultsGrowByThePagesThatAreTouched() {
        try (Ptmalloc heap = Ptmalloc.create()) {
            long mem = heap.malloc(10 * MIB);
            long before = heap.snapshot().minorFaults();
            for (long at = 0; at < 10 * MIB; at += 4096) {
                Memory.putLong(mem + at, 1);
            }
            // Four at least, however large pages are.
            assertTrue(heap.snapshot().minorFaults() - before >= 4, "hardly a fault was counted");
        }
    }
}
