package io.github.ptmalloc4j.benchmarks.workloads;

import io.github.ptmalloc4j.benchmarks.allocators.Allocator;
import io.github.ptmalloc4j.benchmarks.allocators.Blocks;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One thread allocates, another frees: batches of 4096 blocks go over a stack that holds 100 of them. A batch comes with a
 * block of its own, as large as its addresses and written as they would be.
 *
 * @param bytes of each block; 0, drawn from 17 sizes
 */
record Xmalloc(int bytes) implements Workload {
    private static final int BATCH = 4096;
    private static final int HEADER = BATCH;
    private static final int HEADER_BYTES = 8 * (BATCH + 1);

    @Override
    public Outcome run(Allocator allocator, long operations) {
        long batches = Math.max(1, operations / BATCH);
        BatchStack stack = new BatchStack();
        Crew crew = new Crew(2);
        crew.start(() -> produce(allocator, batches, stack));
        crew.start(() -> consume(batches, stack));
        return crew.finish(batches * BATCH);
    }

    private void produce(Allocator allocator, long batches, BatchStack stack) {
        Draws draws = new Draws(1);
        for (long n = 0; n < batches; n++) {
            Blocks batch = stack.spare(allocator);
            batch.allocate(HEADER, HEADER_BYTES);
            for (int i = 0; i < BATCH; i++) {
                int size = bytes > 0 ? bytes : draws.seventeen();
                batch.allocate(i, size);
                batch.fill(i, Math.min(size, 128));
                batch.putLong(HEADER, 8L * i, size);
            }
            stack.push(batch);
        }
    }

    private static void consume(long batches, BatchStack stack) {
        for (long n = 0; n < batches; n++) {
            Blocks batch = stack.pop();
            batch.freeAll(0, BATCH + 1);
            stack.giveBack(batch);
        }
    }

    /** Last in, first out. */
    private static final class BatchStack {
        private static final int LIMIT = 100;

        private final ReentrantLock lock = new ReentrantLock();
        private final Condition notEmpty = lock.newCondition();
        private final Condition notFull = lock.newCondition();
        private final Deque<Blocks> full = new ArrayDeque<>();
        /** Used again, so that the Java heap stays out of it. */
        private final Deque<Blocks> empty = new ArrayDeque<>();

        Blocks spare(Allocator allocator) {
            lock.lock();
            try {
                return empty.isEmpty() ? allocator.blocks(BATCH + 1) : empty.pop();
            } finally {
                lock.unlock();
            }
        }

        void giveBack(Blocks batch) {
            lock.lock();
            try {
                empty.push(batch);
            } finally {
                lock.unlock();
            }
        }

        void push(Blocks batch) {
            lock.lock();
            try {
                while (full.size() == LIMIT) {
                    notFull.awaitUninterruptibly();
                }
                full.push(batch);
                notEmpty.signal();
            } finally {
                lock.unlock();
            }
        }

        Blocks pop() {
            lock.lock();
            try {
                while (full.isEmpty()) {
                    notEmpty.awaitUninterruptibly();
                }
                notFull.signal();
                return full.pop();
            } finally {
                lock.unlock();
            }
        }
    }
}
