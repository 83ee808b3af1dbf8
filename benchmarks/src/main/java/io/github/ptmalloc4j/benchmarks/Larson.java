package io.github.ptmalloc4j.benchmarks;

import io.github.ptmalloc4j.Ptmalloc;

/**
 * A server whose threads come and go: each replaces blocks of 8 to 999 bytes in its part of the slots a hundred times over,
 * then starts the thread that goes on with them, and ends. Each generation frees what dead threads allocated.
 */
record Larson(int threads, int slotsEach) implements Workload {
    @Override
    public Outcome run(Ptmalloc heap, long operations) {
        long[] slots = prepare(heap);
        int generations = (int) Math.max(1, operations / threads / (100L * slotsEach));
        Crew crew = new Crew(threads);
        for (int t = 0; t < threads; t++) {
            Segment segment = new Segment(heap, crew, slots, t * slotsEach, slotsEach, new Draws(t + 1));
            segment.start(generations);
        }
        Outcome outcome = crew.finish(threads * generations * 100L * slotsEach);
        for (long mem : slots) {
            heap.free(mem);
        }
        return outcome;
    }

    private long[] prepare(Ptmalloc heap) {
        Draws draws = new Draws(4141);
        long[] slots = new long[threads * slotsEach];
        for (int i = 0; i < slots.length; i++) {
            slots[i] = Blocks.touched(heap, draws.larson());
        }
        draws.shuffle(slots, slots.length);
        for (int i = 0; i < 4 * slots.length; i++) {
            int slot = draws.below(slots.length);
            heap.free(slots[slot]);
            slots[slot] = Blocks.touched(heap, draws.larson());
        }
        return slots;
    }

    /** What one thread hands to the next. */
    private record Segment(Ptmalloc heap, Crew crew, long[] slots, int first, int count, Draws draws) {
        void start(int generations) {
            if (generations == 1) {
                crew.start(this::replace);
            } else {
                crew.start(this::replace, () -> start(generations - 1));
            }
        }

        private void replace() {
            for (int i = 0; i < 100 * count; i++) {
                int slot = first + draws.below(count);
                heap.free(slots[slot]);
                slots[slot] = Blocks.touched(heap, draws.larson());
            }
        }
    }
}
