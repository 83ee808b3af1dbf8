package io.github.ptmalloc4j.benchmarks.workloads;

import io.github.ptmalloc4j.benchmarks.allocators.Allocator;
import io.github.ptmalloc4j.benchmarks.allocators.Blocks;

/** glibc's own benchmark of threads: each exchanges blocks in 1024 slots of its own, mostly tiny ones. */
record GlibcThread(int threads) implements Workload {
    private static final int SLOTS = 1024;

    @Override
    public Outcome run(Allocator allocator, long operations) {
        Crew crew = new Crew(threads);
        for (int t = 0; t < threads; t++) {
            Draws draws = new Draws(t + 1);
            crew.start(() -> exchange(allocator.blocks(SLOTS), operations / threads, draws));
        }
        return crew.finish(operations);
    }

    private static void exchange(Blocks blocks, long operations, Draws draws) {
        int[] indices = new int[4096];
        int[] sizes = new int[8000];
        for (int i = 0; i < indices.length; i++) {
            indices[i] = draws.below(SLOTS);
        }
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = draws.inverseSquare();
        }
        int index = 0;
        int size = 0;
        for (long i = 0; i < operations; i++) {
            int slot = indices[index];
            blocks.free(slot);
            blocks.allocate(slot, sizes[size]);
            index = index + 1 & 4095;
            size = size == 7999 ? 0 : size + 1;
        }
        blocks.freeAll(0, SLOTS);
    }
}
