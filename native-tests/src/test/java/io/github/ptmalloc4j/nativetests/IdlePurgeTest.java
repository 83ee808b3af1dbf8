package io.github.ptmalloc4j.nativetests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.ptmalloc.Malloc;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import io.github.ptmalloc4j.verify.Pagemap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What a burst has left goes back to the system with nobody asking for it. */
class IdlePurgeTest {
    private static final int THREADS = 4;
    /** Each thread's burst: 24 MiB in small blocks, with 2 MiB between them that stay. */
    private static final int SMALL_BLOCKS = 24_000;

    private static final int LARGE_BYTES = 64 << 10;
    private static final int LARGE_BLOCKS = 32;
    private static final int LARGE_EVERY = SMALL_BLOCKS / LARGE_BLOCKS;
    private static final long LIVE = (long) THREADS * LARGE_BLOCKS * LARGE_BYTES;
    /** Only bounds the wait. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final PlacedOs os = new PlacedOs();
    private final CountDownLatch idle = new CountDownLatch(THREADS);
    private final CountDownLatch end = new CountDownLatch(1);

    @Test
    void afterABurstWhatIsResidentFallsToWhatIsLive() throws InterruptedException {
        fallsAfterABurst(false);
    }

    @Test
    void itFallsAlsoWhileSomebodyReadsTheStatistics() throws InterruptedException {
        fallsAfterABurst(true);
    }

    private void fallsAfterABurst(boolean watched) throws InterruptedException {
        assumeTrue(Pagemap.unavailable().isEmpty(), () -> Pagemap.unavailable().orElseThrow());
        List<Thread> threads = new ArrayList<>();
        try (Malloc heap =
                os.heap(Tunables.service().toBuilder().purgeMillis(200).build())) {
            for (int i = 0; i < THREADS; i++) {
                threads.add(Thread.ofPlatform().start(() -> burst(heap)));
            }
            idle.await();
            if (watched) {
                threads.add(Thread.ofPlatform().start(() -> watch(heap)));
            }
            requireFallTo(LIVE + LIVE / 10);
            heap.check();
            assertEquals(List.of(), os.elsewhere(), "mappings outside of the range that is looked at");
            end.countDown();
            for (Thread thread : threads) {
                thread.join();
            }
        } finally {
            end.countDown();
        }
    }

    private void requireFallTo(long bytes) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        long resident = os.residentBytes();
        while (resident > bytes && System.nanoTime() < deadline) {
            Thread.sleep(50);
            resident = os.residentBytes();
        }
        long last = resident;
        assertTrue(last >= LIVE, () -> "%,d bytes are live and written, %,d resident".formatted(LIVE, last));
        assertTrue(last <= bytes, () -> "%,d bytes are live, but still %,d resident".formatted(LIVE, last));
    }

    private void burst(Malloc heap) {
        SplittableRandom random = new SplittableRandom(Thread.currentThread().threadId());
        long[] small = new long[SMALL_BLOCKS];
        for (int i = 0; i < SMALL_BLOCKS; i++) {
            small[i] = written(heap, random.nextLong(16, 2049));
            if (i % LARGE_EVERY == 0) {
                written(heap, LARGE_BYTES);
            }
        }
        for (int i = 0; i < SMALL_BLOCKS; i++) {
            heap.free(small[i]);
        }
        idle.countDown();
        await(end);
    }

    private static long written(Malloc heap, long bytes) {
        long mem = heap.malloc(bytes);
        Memory.fill(mem, bytes, (byte) 1);
        return mem;
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void watch(Malloc heap) {
        try {
            while (end.getCount() > 0) {
                heap.mallinfo2();
                Thread.sleep(100);
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
