package io.github.ptmalloc4j.benchmarks;

import io.github.ptmalloc4j.Ptmalloc;

/** glibc's own benchmark of threads: each exchanges blocks in 1024 slots of its own, mostly tiny ones. */
record GlibcThread(int threads) implements Workload {
    @Override
    public Outcome run(Ptmalloc heap, long operations) {
        Crew crew = new Crew(threads);
        for (int t = 0; t < threads; t++) {
            Draws draws = new Draws(t + 1);
            crew.start(() -> exchange(heap, operations / threads, draws));
        }
        return crew.finish(operations);
    }

    private static void exchange(Ptmalloc heap, long operations, Draws draws) {
        int[] indices = new int[4096];
        int[] sizes = new int[8000];
        for (int i = 0; i < indices.length; i++) {
            indices[i] = draws.below(1024);
        }
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = draws.inverseSquare();
        }
        long[] slots = new long[1024];
        int index = 0;
        int size = 0;
        for (long i = 0; i < operations; i++) {
            int slot = indices[index];
            heap.free(slots[slot]);
            slots[slot] = Blocks.of(heap, sizes[size]);
            index = index + 1 & 4095;
            size = size == 7999 ? 0 : size + 1;
        }
        for (long mem : slots) {
            heap.free(mem);
        }
    }
}
