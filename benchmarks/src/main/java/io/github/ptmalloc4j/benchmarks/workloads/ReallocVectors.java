package io.github.ptmalloc4j.benchmarks.workloads;

import io.github.ptmalloc4j.benchmarks.allocators.Allocator;
import io.github.ptmalloc4j.benchmarks.allocators.Blocks;

/** 64 vectors that grow by turns from 16 to 4096 bytes by doubling; an operation is a step of one. */
record ReallocVectors() implements Workload {
    private static final int VECTORS = 64;
    private static final int FIRST = 16;
    private static final int LAST = 4096;
    private static final int STEPS = VECTORS * 8;

    @Override
    public Outcome run(Allocator allocator, long operations) {
        long rounds = Math.max(1, operations / STEPS);
        Blocks blocks = allocator.blocks(VECTORS);
        return Crew.alone(rounds * STEPS, () -> {
            for (long r = 0; r < rounds; r++) {
                round(blocks);
            }
        });
    }

    private static void round(Blocks blocks) {
        for (int i = 0; i < VECTORS; i++) {
            blocks.allocate(i, FIRST);
            blocks.putByte(i, 0, (byte) 1);
        }
        for (int bytes = 2 * FIRST; bytes <= LAST; bytes *= 2) {
            for (int i = 0; i < VECTORS; i++) {
                blocks.reallocate(i, bytes);
                blocks.putByte(i, bytes - 1, (byte) 1);
            }
        }
        blocks.freeAll(0, VECTORS);
    }
}
