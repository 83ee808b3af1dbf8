package io.github.ptmalloc4j.benchmarks.workloads;

import io.github.ptmalloc4j.benchmarks.allocators.Allocator;
import io.github.ptmalloc4j.benchmarks.allocators.Blocks;
import java.lang.invoke.VarHandle;

/**
 * Hoard's cache-scratch and cache-thrash: whether threads get blocks of one byte in the same cache line. An operation is a
 * write of the byte; 2000 writes, shared out among the threads, follow each allocation.
 *
 * @param threads that write
 * @param handedOver whether each thread first frees a block that the main thread allocated: cache-scratch
 */
record CacheLines(int threads, boolean handedOver) implements Workload {
    private static final int WRITES = 2000;

    @Override
    public Outcome run(Allocator allocator, long operations) {
        int writes = WRITES / threads;
        long rounds = Math.max(1, operations / threads / writes);
        Blocks blocks = allocator.blocks(64 * threads);
        if (handedOver) {
            for (int t = 0; t < threads; t++) {
                blocks.allocate(64 * t, 1);
                blocks.putByte(64 * t, 0, (byte) 1);
            }
        }
        Crew crew = new Crew(threads);
        for (int t = 0; t < threads; t++) {
            int slot = 64 * t; // Our own slots do not share lines either.
            crew.start(() -> write(blocks, slot, rounds, writes));
        }
        return crew.finish(threads * rounds * writes);
    }

    private static void write(Blocks blocks, int slot, long rounds, int writes) {
        blocks.free(slot);
        for (long r = 0; r < rounds; r++) {
            blocks.allocate(slot, 1);
            for (int i = 0; i < writes; i++) {
                blocks.putByte(slot, 0, (byte) i);
                VarHandle.releaseFence(); // Each write reaches the cache line.
            }
            blocks.free(slot);
        }
    }
}
