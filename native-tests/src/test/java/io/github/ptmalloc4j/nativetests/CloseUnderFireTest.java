package io.github.ptmalloc4j.nativetests;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.ptmalloc4j.ptmalloc.Malloc;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** What becomes of threads that use a heap while it is closed. A touch of what is unmapped would end this JVM. */
class CloseUnderFireTest {
    private static final int THREADS_OF_A_KIND = 4;
    private static final int CALLS_BEFORE = 20_000;
    private static final int SLOTS = 64;

    private final PlacedOs os = new PlacedOs();
    private final Map<Thread, Throwable> endedWith = new ConcurrentHashMap<>();
    private final CountDownLatch busy = new CountDownLatch(2 * THREADS_OF_A_KIND);

    @RepeatedTest(10)
    void everyThreadIsToldAndNoMappingIsLeft() throws InterruptedException {
        closeUnderFire(Tunables.GLIBC);
    }

    @RepeatedTest(10)
    void theSameWithThePresetForServices() throws InterruptedException {
        closeUnderFire(Tunables.service());
    }

    @Test
    void theSameWhileIdleMemoryIsGivenBack() throws InterruptedException {
        closeUnderFire(Tunables.service().toBuilder().purgeMillis(2).build());
    }

    private void closeUnderFire(Tunables tunables) throws InterruptedException {
        Malloc heap = os.heap(tunables);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS_OF_A_KIND; i++) {
            threads.add(Thread.ofPlatform().unstarted(() -> hammer(heap)));
            threads.add(Thread.ofVirtual().unstarted(() -> hammer(heap)));
        }
        threads.forEach(Thread::start);
        // Bounded: should the scheduler leave a thread without a CPU, the others are fire enough, and that one comes
        // later.
        busy.await(10, TimeUnit.SECONDS);
        assertFalse(os.mappings().isEmpty());
        heap.close();
        assertEquals(List.of(), os.mappings(), "mappings that are left");
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(List.of(), os.mappings(), "mappings that were made after");
        assertEquals(List.of(), os.elsewhere(), "mappings outside of the range that is looked at");
        assertAll(threads.stream()
                .map(thread -> () -> assertInstanceOf(IllegalStateException.class, endedWith.get(thread))));
        assertThrows(IllegalStateException.class, () -> heap.malloc(16));
    }

    private void hammer(Malloc heap) {
        SplittableRandom random = new SplittableRandom(Thread.currentThread().threadId());
        long[] held = new long[SLOTS];
        try {
            for (long calls = 1; ; calls++) {
                int slot = random.nextInt(SLOTS);
                heap.free(held[slot]);
                held[slot] = heap.malloc(random.nextLong(16, 5001));
                if (calls == CALLS_BEFORE) {
                    busy.countDown();
                }
                if (calls % 256 == 0) {
                    // Not yield: a virtual thread that yields may come before those that wait for a first turn, for
                    // ever.
                    LockSupport.parkNanos(1);
                }
            }
        } catch (RuntimeException | Error e) {
            endedWith.put(Thread.currentThread(), e);
        }
    }
}
