package io.github.ptmalloc4j.benchmarks.workloads;

import io.github.ptmalloc4j.benchmarks.allocators.Allocator;
import io.github.ptmalloc4j.benchmarks.allocators.Blocks;

/**
 * glibc's own simple benchmark, as mimalloc-bench has it: as many blocks as told, every byte written, the first half freed
 * first in first out, the second last in first out.
 *
 * @param bytes of each block
 * @param count blocks at a time
 */
record GlibcSimple(int bytes, int count) implements Workload {
    @Override
    public Outcome run(Allocator allocator, long operations) {
        long rounds = Math.max(1, operations / count);
        Blocks blocks = allocator.blocks(count);
        return Crew.alone(rounds * count, () -> {
            for (long r = 0; r < rounds; r++) {
                round(blocks);
            }
        });
    }

    private void round(Blocks blocks) {
        for (int i = 0; i < count; i++) {
            blocks.allocateFilled(i, bytes);
        }
        for (int i = 0; i < count / 2; i++) {
            blocks.free(i);
        }
        for (int i = count - 1; i >= count / 2; i--) {
            blocks.free(i);
        }
    }
}
