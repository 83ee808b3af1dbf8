package io.github.ptmalloc4j.benchmarks;

import io.github.ptmalloc4j.Ptmalloc;

/**
 * A program that changes its sizes: blocks of 64 to 128 bytes, nine in ten of them freed at random, then blocks of 256 to
 * 512 bytes until as much is live as before. Every byte is written.
 *
 * @param count blocks of the first phase
 */
record Phase(int count) implements Workload {
    @Override
    public Outcome run(Ptmalloc heap, long operations) {
        long[] small = new long[count];
        int[] sizes = new int[count];
        long[] large = new long[count / 2];
        long[] counted = new long[2];
        Crew crew = new Crew(0);
        crew.here(() -> change(heap, small, sizes, large, counted));
        Outcome outcome = crew.finish(counted[0]);
        for (long mem : small) {
            heap.free(mem);
        }
        for (long mem : large) {
            heap.free(mem);
        }
        return new Outcome(counted[0], outcome.wallNanos(), outcome.cpuNanos(), counted[1]);
    }

    /** Puts the number of operations and the peak of the live payload into {@code counted}. */
    private static void change(Ptmalloc heap, long[] small, int[] sizes, long[] large, long[] counted) {
        Draws draws = new Draws(7);
        long live = 0;
        for (int i = 0; i < small.length; i++) {
            sizes[i] = 64 + draws.below(65);
            live += sizes[i];
            small[i] = Blocks.filled(heap, sizes[i]);
        }
        long peak = live;
        long operations = small.length;
        for (int i = 0; i < small.length; i++) {
            if (draws.below(10) != 0) {
                live -= sizes[i];
                heap.free(small[i]);
                small[i] = 0;
                operations++;
            }
        }
        int more = 0;
        while (live < peak) {
            int size = 256 + draws.below(257);
            large[more++] = Blocks.filled(heap, size);
            live += size;
        }
        counted[0] = operations + more;
        counted[1] = live;
    }
}
