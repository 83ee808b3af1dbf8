package io.github.ptmalloc4j.benchmarks.workloads;

import io.github.ptmalloc4j.benchmarks.allocators.Allocator;
import io.github.ptmalloc4j.benchmarks.allocators.Blocks;

/** mimalloc-bench's malloc-large: 20 slots, one at random replaced by a buffer of 5 to 25 MiB, all of it written. */
record LargeBuffers() implements Workload {
    private static final int SLOTS = 20;

    @Override
    public Outcome run(Allocator allocator, long operations) {
        Draws draws = new Draws(42);
        Blocks blocks = allocator.blocks(SLOTS);
        Outcome outcome = Crew.alone(operations, () -> {
            for (long n = 0; n < operations; n++) {
                int slot = draws.below(SLOTS);
                blocks.free(slot);
                blocks.allocateFilled(slot, (5 << 20) + draws.below(20 << 20));
            }
        });
        blocks.freeAll(0, SLOTS);
        return outcome;
    }
}
