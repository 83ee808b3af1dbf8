package io.github.ptmalloc4j.benchmarks.workloads;

import io.github.ptmalloc4j.benchmarks.allocators.Allocator;
import io.github.ptmalloc4j.benchmarks.allocators.Blocks;
import java.util.Arrays;

/** 1000 blocks, then all freed. */
final class Batch implements Workload {
    private static final int COUNT = 1000;
    private static final int TABLES = 64;

    private final int[][] sizes = new int[TABLES][COUNT];
    private final int[] freeOrder;

    /**
     * Draws the sizes.
     *
     * @param order of the frees: {@code fifo}, {@code lifo} or {@code random}
     * @param bytes of each block; 0, mixed
     */
    Batch(String order, int bytes) {
        Draws draws = new Draws(42);
        for (int[] table : sizes) {
            Arrays.setAll(table, i -> bytes > 0 ? bytes : draws.mixed());
        }
        freeOrder = new int[COUNT];
        Arrays.setAll(freeOrder, i -> order.equals("lifo") ? COUNT - 1 - i : i);
        if (order.equals("random")) {
            draws.shuffle(freeOrder);
        }
    }

    @Override
    public Outcome run(Allocator allocator, long operations) {
        long rounds = Math.max(1, operations / COUNT);
        Blocks blocks = allocator.blocks(COUNT);
        return Crew.alone(rounds * COUNT, () -> {
            for (long r = 0; r < rounds; r++) {
                round(blocks, sizes[(int) (r % TABLES)]);
            }
        });
    }

    private void round(Blocks blocks, int[] table) {
        for (int i = 0; i < COUNT; i++) {
            blocks.allocate(i, table[i]);
            blocks.putLong(i, 0, i);
        }
        for (int slot : freeOrder) {
            blocks.free(slot);
        }
    }
}
