package io.github.ptmalloc4j.benchmarks.workloads;

import io.github.ptmalloc4j.benchmarks.allocators.Allocator;
import io.github.ptmalloc4j.benchmarks.allocators.Blocks;

/**
 * Many live blocks of mixed sizes, replaced at random, every byte written. The clock begins when they are there.
 *
 * @param count live blocks
 */
record Churn(int count) implements Workload {
    @Override
    public Outcome run(Allocator allocator, long operations) {
        Draws draws = new Draws(7);
        Blocks blocks = allocator.blocks(count);
        int[] sizes = new int[count];
        long live = 0;
        for (int i = 0; i < count; i++) {
            sizes[i] = draws.mixed();
            live += sizes[i];
            blocks.allocateFilled(i, sizes[i]);
        }
        long[] lives = {live, live};
        Outcome outcome = Crew.alone(operations, () -> replace(operations, draws, blocks, sizes, lives));
        blocks.freeAll(0, count);
        return outcome.withPeakLive(lives[1]);
    }

    /** Keeps the live payload and its peak in {@code lives}. */
    private void replace(long operations, Draws draws, Blocks blocks, int[] sizes, long[] lives) {
        long live = lives[0];
        long peak = lives[1];
        for (long n = 0; n < operations; n++) {
            int i = draws.below(count);
            int size = draws.mixed();
            blocks.free(i);
            blocks.allocateFilled(i, size);
            live += size - sizes[i];
            sizes[i] = size;
            peak = Math.max(peak, live);
        }
        lives[0] = live;
        lives[1] = peak;
    }
}
