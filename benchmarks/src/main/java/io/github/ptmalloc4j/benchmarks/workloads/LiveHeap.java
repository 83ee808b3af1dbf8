package io.github.ptmalloc4j.benchmarks.workloads;

import io.github.ptmalloc4j.benchmarks.allocators.Allocator;
import io.github.ptmalloc4j.benchmarks.allocators.Blocks;

/**
 * Replaces blocks of mixed sizes at random in a heap that holds as much as told; eight bytes of each are written. The extra
 * number is the CPU time, in nanoseconds, of reading a word of as many blocks at random in the same heap: the cache misses that
 * even a free allocator would take.
 *
 * @param mebibytes asked for and live
 */
record LiveHeap(int mebibytes) implements Workload {
    /** Of {@link Draws#mixed}. */
    private static final int MEAN_BYTES = 790;

    @Override
    public Outcome run(Allocator allocator, long operations) {
        int count = (int) (((long) mebibytes << 20) / MEAN_BYTES);
        Draws draws = new Draws(7);
        Blocks blocks = allocator.blocks(count);
        for (int i = 0; i < count; i++) {
            allocate(blocks, i, draws);
        }
        long[] sum = new long[1];
        long reading = Crew.alone(operations, () -> sum[0] = read(blocks, count, operations))
                .cpuNanos();
        Outcome outcome = Crew.alone(operations, () -> {
            for (long n = 0; n < operations; n++) {
                int i = draws.below(count);
                blocks.free(i);
                allocate(blocks, i, draws);
            }
        });
        blocks.freeAll(0, count);
        // The sum is used, or the reads would be optimised away; it is never as small as this.
        return outcome.withExtra(sum[0] == Long.MIN_VALUE ? 0 : reading);
    }

    private static void allocate(Blocks blocks, int slot, Draws draws) {
        blocks.allocate(slot, draws.mixed());
        blocks.putLong(slot, 0, slot);
    }

    private static long read(Blocks blocks, int count, long operations) {
        Draws draws = new Draws(8);
        long sum = 0;
        for (long n = 0; n < operations; n++) {
            sum += blocks.getLong(draws.below(count), 0);
        }
        return sum;
    }
}
