package io.github.ptmalloc4j.benchmarks;

import io.github.ptmalloc4j.Ptmalloc;
import io.github.ptmalloc4j.os.Memory;

/**
 * 1000 blocks of mixed sizes, then all freed.
 *
 * @param order of the frees: {@code fifo}, {@code lifo} or {@code random}
 */
record Batch(String order) implements Workload {
    private static final int COUNT = 1000;
    private static final int TABLES = 64;

    @Override
    public Outcome run(Ptmalloc heap, long operations) {
        Draws draws = new Draws(42);
        int[][] sizes = new int[TABLES][COUNT];
        for (int[] table : sizes) {
            for (int i = 0; i < COUNT; i++) {
                table[i] = draws.mixed();
            }
        }
        long[] freeOrder = freeOrder(draws);
        long rounds = operations / COUNT;
        Crew crew = new Crew(0);
        crew.here(() -> {
            long[] blocks = new long[COUNT];
            for (long r = 0; r < rounds; r++) {
                round(heap, blocks, sizes[(int) (r % TABLES)], freeOrder);
            }
        });
        return crew.finish(rounds * COUNT);
    }

    private long[] freeOrder(Draws draws) {
        long[] freeOrder = new long[COUNT];
        for (int i = 0; i < COUNT; i++) {
            freeOrder[i] = order.equals("lifo") ? COUNT - 1 - i : i;
        }
        if (order.equals("random")) {
            draws.shuffle(freeOrder, COUNT);
        }
        return freeOrder;
    }

    private static void round(Ptmalloc heap, long[] blocks, int[] sizes, long[] freeOrder) {
        for (int i = 0; i < COUNT; i++) {
            long mem = Blocks.of(heap, sizes[i]);
            Memory.putLong(mem, i);
            blocks[i] = mem;
        }
        for (int i = 0; i < COUNT; i++) {
            heap.free(blocks[(int) freeOrder[i]]);
        }
    }
}
