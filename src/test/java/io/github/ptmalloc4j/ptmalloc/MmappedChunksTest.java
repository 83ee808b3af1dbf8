package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class MmappedChunksTest {
    private static final int THREADS = 4;

    @Test
    void itKnowsWhatIsThereAndHowMuch() {
        MmappedChunks chunks = new MmappedChunks();
        chunks.put(0x2000, 0x2000, 4096);
        chunks.put(0x1000, 0x1000, 8192);
        chunks.put(0x2000, 0x2000, 12_288);
        assertArrayEquals(new long[] {0x1000, 0x2000}, chunks.chunks());
        assertEquals(20_480, chunks.mem());
        chunks.move(0x1000, 0x5000, 0x5000, 4096);
        assertFalse(chunks.contains(0x1000));
        assertTrue(chunks.contains(0x5000));
        chunks.remove(0x5000);
        chunks.remove(0x5000);
        assertEquals(1, chunks.count());
        assertEquals(12_288, chunks.mem());
    }

    @Test
    void threadsThatPutMoveAndRemoveAtOnceLoseNothing() {
        MmappedChunks chunks = new MmappedChunks();
        CyclicBarrier together = new CyclicBarrier(THREADS);
        List<OtherThread> threads = new ArrayList<>();
        List<Future<TreeMap<Long, Long>>> results = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            OtherThread thread = new OtherThread();
            threads.add(thread);
            int number = i;
            results.add(thread.start(() -> {
                together.await();
                return work(chunks, number);
            }));
        }
        TreeMap<Long, Long> expected = new TreeMap<>();
        results.forEach(result -> expected.putAll(OtherThread.await(result)));
        threads.forEach(OtherThread::end);
        assertArrayEquals(expected.keySet().stream().mapToLong(Long::longValue).toArray(), chunks.chunks());
        assertEquals(expected.size(), chunks.count());
        assertEquals(expected.values().stream().mapToLong(Long::longValue).sum(), chunks.mem());
    }

    /** Addresses of a thread are its number modulo the number of threads, in pages. */
    private static TreeMap<Long, Long> work(MmappedChunks chunks, int number) {
        TreeMap<Long, Long> mine = new TreeMap<>();
        Random random = new Random(number);
        for (int i = 0; i < 50_000; i++) {
            long chunk = page(random, number);
            long length = 4096L * (1 + random.nextInt(8));
            long other = page(random, number);
            if (!mine.containsKey(chunk)) {
                chunks.put(chunk, chunk, length);
                mine.put(chunk, length);
            } else if (random.nextBoolean() && !mine.containsKey(other)) {
                chunks.move(chunk, other, other, length);
                mine.remove(chunk);
                mine.put(other, length);
            } else {
                chunks.remove(chunk);
                mine.remove(chunk);
            }
        }
        return mine;
    }

    private static long page(Random random, int number) {
        return 4096L * (THREADS * (1 + random.nextInt(300)) + number);
    }
}
