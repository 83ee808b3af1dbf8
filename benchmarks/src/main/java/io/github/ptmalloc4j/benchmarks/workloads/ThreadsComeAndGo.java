package io.github.ptmalloc4j.benchmarks.workloads;

import io.github.ptmalloc4j.benchmarks.allocators.Allocator;
import io.github.ptmalloc4j.benchmarks.allocators.Blocks;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * 1000 platform threads, fifty at a time, and 10,000 virtual threads, a hundred at a time, take ten blocks each, free them and
 * end; then as many again. The extra number is by how many bytes the second lot makes larger what the allocator has of the system.
 * An operation is a thread.
 */
record ThreadsComeAndGo() implements Workload {
    private static final int PLATFORM = 1000;
    private static final int PLATFORM_AT_A_TIME = 50;
    private static final int VIRTUAL = 10_000;
    private static final int VIRTUAL_AT_A_TIME = 100;
    private static final int BLOCKS = 10;

    @Override
    public Outcome run(Allocator allocator, long operations) {
        long[] growth = new long[1];
        Outcome outcome = Crew.alone(2 * (PLATFORM + VIRTUAL), () -> {
            all(allocator);
            long before = allocator.systemBytes();
            all(allocator);
            growth[0] = allocator.systemBytes() - before;
        });
        return outcome.withExtra(growth[0]);
    }

    private static void all(Allocator allocator) {
        for (int done = 0; done < PLATFORM; done += PLATFORM_AT_A_TIME) {
            wave(allocator, Thread.ofPlatform(), PLATFORM_AT_A_TIME);
        }
        for (int done = 0; done < VIRTUAL; done += VIRTUAL_AT_A_TIME) {
            wave(allocator, Thread.ofVirtual(), VIRTUAL_AT_A_TIME);
        }
    }

    private static void wave(Allocator allocator, Thread.Builder builder, int count) {
        List<Thread> threads = new ArrayList<>();
        CountDownLatch allHold = new CountDownLatch(count);
        for (int t = 0; t < count; t++) {
            threads.add(builder.start(() -> useBlocks(allocator, allHold)));
        }
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** All of a wave hold their blocks at the same time, or chance would decide how much memory it needs. */
    private static void useBlocks(Allocator allocator, CountDownLatch allHold) {
        Blocks blocks = allocator.blocks(BLOCKS);
        for (int i = 0; i < BLOCKS; i++) {
            blocks.allocateFilled(i, 16 + 400 * i);
        }
        allHold.countDown();
        try {
            allHold.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        blocks.freeAll(0, BLOCKS);
    }
}
