package io.github.ptmalloc4j.benchmarks;

import io.github.ptmalloc4j.Ptmalloc;

/**
 * Many live blocks of mixed sizes, replaced at random, every byte written.
 *
 * @param count live blocks
 */
record Churn(int count) implements Workload {
    @Override
    public Outcome run(Ptmalloc heap, long operations) {
        Draws draws = new Draws(7);
        long[] blocks = new long[count];
        int[] sizes = new int[count];
        long live = 0;
        for (int i = 0; i < count; i++) {
            sizes[i] = draws.mixed();
            live += sizes[i];
            blocks[i] = Blocks.filled(heap, sizes[i]);
        }
        long[] lives = {live, live};
        Crew crew = new Crew(0);
        crew.here(() -> replace(heap, operations, draws, blocks, sizes, lives));
        Outcome outcome = crew.finish(operations);
        for (long mem : blocks) {
            heap.free(mem);
        }
        return new Outcome(operations, outcome.wallNanos(), outcome.cpuNanos(), lives[1]);
    }

    /** Keeps the live payload and its peak in {@code lives}. */
    private void replace(Ptmalloc heap, long operations, Draws draws, long[] blocks, int[] sizes, long[] lives) {
        long live = lives[0];
        long peak = lives[1];
        for (long n = 0; n < operations; n++) {
            int i = draws.below(count);
            int size = draws.mixed();
            heap.free(blocks[i]);
            blocks[i] = Blocks.filled(heap, size);
            live += size - sizes[i];
            sizes[i] = size;
            peak = Math.max(peak, live);
        }
        lives[0] = live;
        lives[1] = peak;
    }
}
