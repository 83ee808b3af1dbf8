package io.github.ptmalloc4j.benchmarks.workloads;

import io.github.ptmalloc4j.benchmarks.allocators.Allocator;
import io.github.ptmalloc4j.benchmarks.allocators.Blocks;

/** One block that grows from 16 bytes to 16 MiB by doubling, what is new written; an operation is a whole growth. */
record ReallocGrowth() implements Workload {
    private static final int FIRST = 16;
    private static final int LAST = 16 << 20;

    @Override
    public Outcome run(Allocator allocator, long operations) {
        Blocks blocks = allocator.blocks(1);
        return Crew.alone(operations, () -> {
            for (long n = 0; n < operations; n++) {
                grow(blocks);
            }
        });
    }

    private static void grow(Blocks blocks) {
        blocks.allocateFilled(0, FIRST);
        for (int bytes = 2 * FIRST; bytes <= LAST; bytes *= 2) {
            blocks.reallocate(0, bytes);
            blocks.fill(0, bytes / 2, bytes);
        }
        blocks.free(0);
    }
}
