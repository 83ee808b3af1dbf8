package io.github.ptmalloc4j.benchmarks;

import io.github.ptmalloc4j.Ptmalloc;
import io.github.ptmalloc4j.os.Memory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One thread allocates, another frees: batches of 4096 blocks go over a stack that holds 100 of them. A batch is a block
 * itself: a link and 4096 addresses.
 *
 * @param bytes of each block; 0, drawn from 17 sizes
 */
record Xmalloc(int bytes) implements Workload {
    private static final int BATCH = 4096;

    @Override
    public Outcome run(Ptmalloc heap, long operations) {
        long batches = operations / BATCH;
        BatchStack stack = new BatchStack();
        Crew crew = new Crew(2);
        crew.start(() -> produce(heap, batches, stack));
        crew.start(() -> consume(heap, batches, stack));
        return crew.finish(batches * BATCH);
    }

    private void produce(Ptmalloc heap, long batches, BatchStack stack) {
        Draws draws = new Draws(1);
        for (long n = 0; n < batches; n++) {
            long batch = Blocks.of(heap, 8 * (BATCH + 1));
            for (int i = 1; i <= BATCH; i++) {
                int size = bytes > 0 ? bytes : draws.seventeen();
                long mem = Blocks.of(heap, size);
                write(mem, Math.min(size, 128));
                Memory.putLong(batch + 8L * i, mem);
            }
            stack.push(batch);
        }
    }

    /** All sizes are multiples of 4. */
    private static void write(long mem, int bytes) {
        int i = 0;
        for (; i <= bytes - 8; i += 8) {
            Memory.putLong(mem + i, bytes);
        }
        if (i < bytes) {
            Memory.putInt(mem + i, bytes);
        }
    }

    private static void consume(Ptmalloc heap, long batches, BatchStack stack) {
        for (long n = 0; n < batches; n++) {
            long batch = stack.pop();
            for (int i = 1; i <= BATCH; i++) {
                heap.free(Memory.getLong(batch + 8L * i));
            }
            heap.free(batch);
        }
    }

    /** Last in, first out, linked through the batches' first words. */
    private static final class BatchStack {
        private static final int LIMIT = 100;

        private final ReentrantLock lock = new ReentrantLock();
        private final Condition notEmpty = lock.newCondition();
        private final Condition notFull = lock.newCondition();
        private long top;
        private int count;

        void push(long batch) {
            lock.lock();
            try {
                while (count == LIMIT) {
                    notFull.awaitUninterruptibly();
                }
                Memory.putLong(batch, top);
                top = batch;
                count++;
                notEmpty.signal();
            } finally {
                lock.unlock();
            }
        }

        long pop() {
            lock.lock();
            try {
                while (count == 0) {
                    notEmpty.awaitUninterruptibly();
                }
                long batch = top;
                top = Memory.getLong(batch);
                count--;
                notFull.signal();
                return batch;
            } finally {
                lock.unlock();
            }
        }
    }
}
