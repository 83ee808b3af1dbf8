package io.github.ptmalloc4j.benchmarks.workloads;

import io.github.ptmalloc4j.benchmarks.allocators.Allocator;
import io.github.ptmalloc4j.benchmarks.allocators.Blocks;

/**
 * mimalloc-bench's mstress: rounds of threads that hold some blocks for the round, free others at random and exchange some
 * through 1000 common slots, so that blocks migrate; now and then one is a hundred to ten thousand times larger. Each block
 * carries its size and a cookie in its words, which are verified before it is freed. An operation is an allocation.
 *
 * <p>Thread {@code t} allocates 5000 · (t mod 8 + 1) blocks a round and keeps half as many more until its end. The vector of the
 * blocks that it may free is itself a block that grows by 800,000 bytes at a time.
 */
record Mstress(int threads) implements Workload {
    private static final int TRANSFERS = 1000;
    private static final int EACH = 5000;
    private static final int VECTOR_STEP = 800_000;
    private static final long COOKIE = 0xbf58476d1ce4e5b9L;

    @Override
    public Outcome run(Allocator allocator, long operations) {
        long perRound = 0;
        for (int t = 0; t < threads; t++) {
            perRound += count(t) + count(t) / 2;
        }
        int rounds = (int) Math.max(1, operations / perRound);
        Blocks transfers = allocator.blocks(TRANSFERS);
        Draws main = new Draws(42);
        Outcome sum = new Outcome(0, 0, 0, 0, 0, 0);
        for (int round = 0; round < rounds; round++) {
            Crew crew = new Crew(threads);
            for (int t = 0; t < threads; t++) {
                Stress stress = new Stress(allocator, transfers, count(t), new Draws(1 + t + (long) round * threads));
                crew.start(stress::run);
            }
            sum = plus(sum, crew.finish(perRound));
            for (int i = 0; i < TRANSFERS; i++) {
                if (round == rounds - 1 || main.below(100) < 50) {
                    verifyAndFree(transfers, i);
                }
            }
        }
        return sum;
    }

    private static int count(int thread) {
        return EACH * (thread % 8 + 1);
    }

    private static Outcome plus(Outcome a, Outcome b) {
        return new Outcome(
                a.operations() + b.operations(),
                a.wallNanos() + b.wallNanos(),
                a.cpuNanos() + b.cpuNanos(),
                0,
                a.javaBytes() + b.javaBytes(),
                0);
    }

    private static void verifyAndFree(Blocks blocks, int slot) {
        if (blocks.isEmpty(slot)) {
            return;
        }
        long words = blocks.getLong(slot, 0) ^ COOKIE;
        for (long i = 1; i < words; i++) {
            if (blocks.getLong(slot, 8 * i) != (words - i ^ COOKIE)) {
                throw new IllegalStateException("a block of " + 8 * words + " bytes is damaged at word " + i);
            }
        }
        blocks.free(slot);
    }

    /** One thread of one round. */
    private static final class Stress {
        private final Blocks data;
        private final Blocks retained;
        private final Blocks vector;
        private final Blocks transfers;
        private final int count;
        private final Draws draws;
        private int held;
        private int kept;

        Stress(Allocator allocator, Blocks transfers, int count, Draws draws) {
            this.data = allocator.blocks(count);
            this.retained = allocator.blocks(count / 2);
            this.vector = allocator.blocks(1);
            this.transfers = transfers;
            this.count = count;
            this.draws = draws;
        }

        void run() {
            int toAllocate = count;
            int toKeep = count / 2;
            while (toAllocate > 0 || toKeep > 0) {
                if (toKeep == 0 || toAllocate > 0 && draws.below(100) < 51) {
                    toAllocate--;
                    if (held % (VECTOR_STEP / 8) == 0) {
                        vector.reallocate(0, 8L * held + VECTOR_STEP);
                    }
                    allocate(data, held, 1 << draws.below(5));
                    vector.putLong(0, 8L * held, held);
                    held++;
                } else {
                    toKeep--;
                    allocate(retained, kept++, 1 << draws.below(7));
                }
                if (draws.below(100) < 67) {
                    verifyAndFree(data, draws.below(Math.max(1, held)));
                }
                if (draws.below(100) < 26 && held > 0) {
                    data.exchange(draws.below(held), transfers, draws.below(TRANSFERS));
                }
            }
            for (int i = 0; i < kept; i++) {
                verifyAndFree(retained, i);
            }
            for (int i = 0; i < held; i++) {
                verifyAndFree(data, i);
            }
            vector.free(0);
        }

        private void allocate(Blocks blocks, int slot, int items) {
            int words = items;
            if (draws.below(100) < 2) {
                int luck = draws.below(100);
                words *= luck < 2 ? 10_000 : luck < 13 ? 1000 : 100;
            }
            blocks.allocate(slot, 8L * words);
            for (int i = 0; i < words; i++) {
                blocks.putLong(slot, 8L * i, words - i ^ COOKIE);
            }
        }
    }
}
