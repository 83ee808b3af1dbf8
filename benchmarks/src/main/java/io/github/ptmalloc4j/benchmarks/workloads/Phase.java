package io.github.ptmalloc4j.benchmarks.workloads;

import io.github.ptmalloc4j.benchmarks.allocators.Allocator;
import io.github.ptmalloc4j.benchmarks.allocators.Blocks;

/**
 * A program that changes its sizes: blocks of 64 to 128 bytes, nine in ten of them freed at random, then blocks of 256 to
 * 512 bytes until as much is live as before. Every byte is written. An operation is an allocation or a free.
 *
 * @param count blocks of the first phase
 */
record Phase(int count) implements Workload {
    @Override
    public Outcome run(Allocator allocator, long operations) {
        Blocks small = allocator.blocks(count);
        Blocks large = allocator.blocks(count / 2);
        int[] sizes = new int[count];
        long[] counted = new long[2];
        Outcome outcome = Crew.alone(0, () -> change(small, sizes, large, counted));
        small.freeAll(0, count);
        large.freeAll(0, count / 2);
        return new Outcome(counted[0], outcome.wallNanos(), outcome.cpuNanos(), counted[1], outcome.javaBytes(), 0);
    }

    /** Puts the number of operations and the peak of the live payload into {@code counted}. */
    private static void change(Blocks small, int[] sizes, Blocks large, long[] counted) {
        Draws draws = new Draws(7);
        long live = 0;
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = 64 + draws.below(65);
            live += sizes[i];
            small.allocateFilled(i, sizes[i]);
        }
        long peak = live;
        long operations = sizes.length;
        for (int i = 0; i < sizes.length; i++) {
            if (draws.below(10) != 0) {
                live -= sizes[i];
                small.free(i);
                operations++;
            }
        }
        int more = 0;
        while (live < peak) {
            int size = 256 + draws.below(257);
            large.allocateFilled(more++, size);
            live += size;
        }
        counted[0] = operations + more;
        counted[1] = live;
    }
}
