package io.github.ptmalloc4j.benchmarks.workloads;

import io.github.ptmalloc4j.benchmarks.allocators.Allocator;
import io.github.ptmalloc4j.benchmarks.allocators.Blocks;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * rpmalloc's own benchmark: blocks of 8 to 16,000 bytes, small ones more often. In a loop each thread frees the batches that
 * others left for it, frees 24 to 79 of its 1000 slots, fills 30 to 99 slots anew with blocks aligned to nothing, 8 or 16 bytes by
 * turns, and every second time leaves a batch of 30 to 99 blocks, with a block of its own, to the next thread. Of each block the
 * first four bytes, one a page and the last are written. An operation is an allocation.
 */
record Rptest(int threads) implements Workload {
    private static final int SLOTS = 1000;
    private static final int MIN = 8;
    private static final int MAX = 16_000;
    private static final int PAGE = 4096;
    private static final int FREE_STRIDE = 317;
    private static final int FILL_STRIDE = 613;
    /** Allocations of a loop, in the mean. */
    private static final int MEAN = 97;

    @Override
    public Outcome run(Allocator allocator, long operations) {
        List<Member> members = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            members.add(new Member(allocator, new Draws(t + 1)));
        }
        long loops = Math.max(1, operations / threads / MEAN);
        Crew crew = new Crew(threads);
        for (int t = 0; t < threads; t++) {
            Member member = members.get(t);
            Member next = members.get((t + 1) % threads);
            crew.start(() -> member.run(loops, next));
        }
        Outcome outcome = crew.finish(0);
        long allocations = 0;
        for (Member member : members) {
            member.freeForeign();
            member.slots.freeAll(0, SLOTS);
            allocations += member.allocations;
        }
        return new Outcome(allocations, outcome.wallNanos(), outcome.cpuNanos(), 0, outcome.javaBytes(), 0);
    }

    /** A batch that another thread frees; its last slot is the batch's own block. */
    private record Foreign(Blocks blocks, int count) {}

    /** A thread. */
    private static final class Member {
        private final Allocator allocator;
        private final Draws draws;
        private final Blocks slots;
        private final Queue<Foreign> foreign = new ConcurrentLinkedQueue<>();
        private int freeAt;
        private int fillAt;
        private long allocations;

        Member(Allocator allocator, Draws draws) {
            this.allocator = allocator;
            this.draws = draws;
            this.slots = allocator.blocks(SLOTS);
        }

        void run(long loops, Member next) {
            for (long loop = 0; loop < loops; loop++) {
                freeForeign();
                int frees = 24 + draws.below(56);
                for (int i = 0; i < frees; i++) {
                    slots.free(freeAt);
                    freeAt = (freeAt + FREE_STRIDE) % SLOTS;
                }
                int fills = 30 + draws.below(70);
                for (int i = 0; i < fills; i++) {
                    slots.free(fillAt);
                    allocate(slots, fillAt, i % 3);
                    fillAt = (fillAt + FILL_STRIDE) % SLOTS;
                }
                if (loop % 2 == 1) {
                    next.foreign.add(batch());
                }
            }
        }

        private Foreign batch() {
            int count = 30 + draws.below(70);
            Blocks blocks = allocator.blocks(count + 1);
            for (int i = 0; i < count; i++) {
                allocate(blocks, i, 0);
            }
            blocks.allocate(count, 16 + 8L * count);
            blocks.fill(count, 16 + 8L * count);
            return new Foreign(blocks, count);
        }

        void freeForeign() {
            for (Foreign batch = foreign.poll(); batch != null; batch = foreign.poll()) {
                batch.blocks.freeAll(0, batch.count + 1);
            }
        }

        private void allocate(Blocks blocks, int slot, int alignment) {
            int bytes = draws.falling(MIN, MAX);
            if (alignment == 0) {
                blocks.allocate(slot, bytes);
            } else {
                blocks.allocateAligned(slot, bytes, 8L * alignment);
            }
            blocks.fill(slot, 4);
            for (int at = PAGE; at < bytes; at += PAGE) {
                blocks.putByte(slot, at, (byte) 1);
            }
            blocks.putByte(slot, bytes - 1, (byte) 1);
            allocations++;
        }
    }
}
