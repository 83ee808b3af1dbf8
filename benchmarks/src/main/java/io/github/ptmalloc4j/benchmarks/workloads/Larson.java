package io.github.ptmalloc4j.benchmarks.workloads;

import io.github.ptmalloc4j.benchmarks.allocators.Allocator;
import io.github.ptmalloc4j.benchmarks.allocators.Blocks;

/**
 * A server whose threads come and go: each replaces blocks of 8 to 999 bytes in its part of the slots a hundred times over,
 * then starts the thread that goes on with them, and ends. Each generation frees what dead threads allocated.
 */
record Larson(int threads, int slotsEach) implements Workload {
    @Override
    public Outcome run(Allocator allocator, long operations) {
        int all = threads * slotsEach;
        Blocks blocks = prepare(allocator, all);
        // A run that is shorter than a generation is a short generation.
        int each = (int) Math.min(100L * slotsEach, Math.max(1, operations / threads));
        int generations = (int) Math.max(1, operations / threads / each);
        Crew crew = new Crew(threads);
        for (int t = 0; t < threads; t++) {
            Segment segment = new Segment(crew, blocks, t * slotsEach, slotsEach, each, new Draws(t + 1));
            segment.start(generations);
        }
        Outcome outcome = crew.finish((long) threads * generations * each);
        blocks.freeAll(0, all);
        return outcome;
    }

    private static Blocks prepare(Allocator allocator, int slots) {
        Draws draws = new Draws(4141);
        Blocks blocks = allocator.blocks(slots);
        for (int i = 0; i < slots; i++) {
            blocks.allocateTouched(i, draws.larson());
        }
        for (int i = slots - 1; i > 0; i--) {
            int j = draws.below(i + 1);
            blocks.exchange(i, blocks, j);
        }
        for (int i = 0; i < 4 * slots; i++) {
            int slot = draws.below(slots);
            blocks.free(slot);
            blocks.allocateTouched(slot, draws.larson());
        }
        return blocks;
    }

    /** What one thread hands to the next. */
    private record Segment(Crew crew, Blocks blocks, int first, int count, int operations, Draws draws) {
        void start(int generations) {
            if (generations == 1) {
                crew.start(this::replace);
            } else {
                crew.start(this::replace, () -> start(generations - 1));
            }
        }

        private void replace() {
            for (int i = 0; i < operations; i++) {
                int slot = first + draws.below(count);
                blocks.free(slot);
                blocks.allocateTouched(slot, draws.larson());
            }
        }
    }
}
