package io.github.ptmalloc4j.nativetests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.Ptmalloc;
import io.github.ptmalloc4j.lab.replay.Pattern;
import io.github.ptmalloc4j.ptmalloc.HeapChunk;
import io.github.ptmalloc4j.ptmalloc.Mallinfo2;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A heap is no larger for all the threads that have lived. */
class ThreadsComeAndGoTest {
    /** A minute; {@code -Dptmalloc4j.threads=1000} for the impatient. */
    private static final int THREADS = Integer.getInteger("ptmalloc4j.threads", 100_000);

    private static final int BLOCKS = 10;
    private static final int BATCH = 50;
    private static final int VIRTUAL_THREADS = 10_000;
    /** Bytes before the first chunk, heap_info and malloc_state, which count as in use in each arena but the main one. */
    private static final long ARENA_STATE = 0x8d0;

    private final Ptmalloc heap = Ptmalloc.create();

    @AfterEach
    void closeTheHeap() {
        heap.check();
        heap.close();
    }

    @Test
    void manyThreadsOneAfterAnotherLeaveNoMoreThanTen() throws InterruptedException {
        oneAfterAnother(10);
        Mallinfo2 afterTen = heap.mallinfo2();
        oneAfterAnother(THREADS - 10);
        requireNoLarger(afterTen, heap.mallinfo2());
    }

    @Test
    void aThousandThreadsFiftyAtATimeLeaveNoMoreThanFifty() throws InterruptedException {
        batch();
        Mallinfo2 afterOne = heap.mallinfo2();
        for (int i = BATCH; i < 1000; i += BATCH) {
            batch();
        }
        requireNoLarger(afterOne, heap.mallinfo2());
    }

    @Test
    void tenThousandVirtualThreadsLeaveNothingInUse() throws InterruptedException {
        heap.free(heap.malloc(1)); // This thread's own cache.
        long before = heap.mallinfo2().uordblks();
        Queue<String> damaged = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < VIRTUAL_THREADS; i++) {
            threads.add(Thread.ofVirtual().start(() -> mix(damaged)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(List.of(), List.copyOf(damaged));
        long arenas =
                heap.mallocInfo().lines().filter(l -> l.startsWith("<heap nr=")).count() - 1;
        assertEquals(before, heap.mallinfo2().uordblks() - arenas * ARENA_STATE);
        assertEquals(
                1,
                heap.walk().stream()
                        .filter(c -> c.state() == HeapChunk.State.IN_USE)
                        .count(),
                "blocks in use beside this thread's cache");
    }

    private static void requireNoLarger(Mallinfo2 before, Mallinfo2 after) {
        assertTrue(
                after.arena() <= before.arena() && after.uordblks() <= before.uordblks(),
                () -> "before: " + before + "\nafter:  " + after);
    }

    private void oneAfterAnother(int threads) throws InterruptedException {
        for (int i = 0; i < threads; i++) {
            Thread thread = Thread.ofPlatform().start(() -> free(allocate()));
            thread.join();
        }
    }

    /** All of them hold their blocks at the same time. */
    private void batch() throws InterruptedException {
        CountDownLatch allHold = new CountDownLatch(BATCH);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < BATCH; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                long[] held = allocate();
                allHold.countDown();
                await(allHold);
                free(held);
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** 100, 150 … 550 bytes. */
    private long[] allocate() {
        long[] held = new long[BLOCKS];
        for (int i = 0; i < BLOCKS; i++) {
            held[i] = heap.malloc(100 + 50 * i);
        }
        return held;
    }

    private void free(long[] held) {
        for (long mem : held) {
            heap.free(mem);
        }
    }

    private void mix(Queue<String> damaged) {
        long id = Thread.currentThread().threadId();
        SplittableRandom random = new SplittableRandom(id);
        long[] held = new long[BLOCKS];
        long[] bytes = new long[BLOCKS];
        for (int i = 0; i < 100; i++) {
            int slot = random.nextInt(BLOCKS);
            long wanted = random.nextLong(1, 3000);
            if (held[slot] != 0 && Pattern.mismatch(held[slot], bytes[slot], id + slot) >= 0) {
                damaged.add("0x%x, %d bytes".formatted(held[slot], bytes[slot]));
            }
            switch (random.nextInt(3)) {
                case 0 -> {
                    heap.free(held[slot]);
                    held[slot] = heap.malloc(wanted);
                }
                case 1 -> {
                    heap.free(held[slot]);
                    held[slot] = heap.calloc(1, wanted);
                    if (Pattern.nonZero(held[slot], wanted) >= 0) {
                        damaged.add("calloc: 0x%x, %d bytes".formatted(held[slot], wanted));
                    }
                }
                default -> {
                    long kept = Math.min(bytes[slot], wanted);
                    held[slot] = heap.realloc(held[slot], wanted);
                    if (Pattern.mismatch(held[slot], kept, id + slot) >= 0) {
                        damaged.add("realloc: 0x%x, %d bytes".formatted(held[slot], wanted));
                    }
                }
            }
            bytes[slot] = wanted;
            Pattern.fill(held[slot], wanted, id + slot);
            if (i % 16 == 0) {
                Thread.yield();
            }
        }
        free(held);
    }
}
