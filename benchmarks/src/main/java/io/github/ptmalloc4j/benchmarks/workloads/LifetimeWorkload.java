package io.github.ptmalloc4j.benchmarks.workloads;

import io.github.ptmalloc4j.benchmarks.allocators.Allocator;
import io.github.ptmalloc4j.benchmarks.allocators.Lifetimes;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CountDownLatch;

/**
 * An arena opened, segments allocated, a byte of each written, and closed: an operation.
 *
 * @param segments of an arena
 * @param bytes of each
 * @param idle threads that do nothing meanwhile
 */
record LifetimeWorkload(int segments, int bytes, int idle) implements Workload {
    @Override
    public Outcome run(Allocator allocator, long operations) {
        Lifetimes lifetimes = (Lifetimes) allocator;
        CountDownLatch end = new CountDownLatch(1);
        for (int i = 0; i < idle; i++) {
            Thread.ofPlatform().daemon().start(() -> await(end));
        }
        try {
            return Crew.alone(operations, () -> {
                for (long n = 0; n < operations; n++) {
                    live(lifetimes);
                }
            });
        } finally {
            end.countDown();
        }
    }

    private void live(Lifetimes lifetimes) {
        try (Arena arena = lifetimes.begin()) {
            for (int i = 0; i < segments; i++) {
                arena.allocate(bytes, 1).set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
            }
        }
    }

    private static void await(CountDownLatch end) {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
