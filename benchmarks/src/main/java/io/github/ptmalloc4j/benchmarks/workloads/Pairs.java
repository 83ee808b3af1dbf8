package io.github.ptmalloc4j.benchmarks.workloads;

import io.github.ptmalloc4j.benchmarks.allocators.Allocator;
import io.github.ptmalloc4j.benchmarks.allocators.Blocks;

/**
 * One block allocated, its first byte written, and freed, again and again.
 *
 * @param kind of allocation
 * @param bytes of the block; an aligned one is aligned to as much
 */
record Pairs(Kind kind, int bytes) implements Workload {
    /** How the block is asked for. */
    enum Kind {
        PLAIN,
        ZEROED,
        ALIGNED
    }

    @Override
    public Outcome run(Allocator allocator, long operations) {
        Blocks blocks = allocator.blocks(1);
        return Crew.alone(operations, () -> {
            switch (kind) {
                case PLAIN -> plain(allocator, operations);
                case ZEROED -> zeroed(blocks, operations);
                case ALIGNED -> aligned(blocks, operations);
            }
        });
    }

    private void plain(Allocator allocator, long operations) {
        for (long n = 0; n < operations; n++) {
            allocator.pair(bytes);
        }
    }

    private void zeroed(Blocks blocks, long operations) {
        for (long n = 0; n < operations; n++) {
            blocks.allocateZeroed(0, bytes);
            blocks.putByte(0, 0, (byte) 1);
            blocks.free(0);
        }
    }

    private void aligned(Blocks blocks, long operations) {
        for (long n = 0; n < operations; n++) {
            blocks.allocateAligned(0, bytes, bytes);
            blocks.putByte(0, 0, (byte) 1);
            blocks.free(0);
        }
    }
}
