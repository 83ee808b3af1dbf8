package io.github.ptmalloc4j.ptmalloc;

import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.os.Os;
import io.github.ptmalloc4j.os.PrivateBreak;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** Chunks that go from one thread to another, by force. */
public final class HandOverStress {
    private static final Malloc HEAP = new Malloc(
            Linux.KERNEL,
            PrivateBreak.reserve(Linux.KERNEL, 1L << 30),
            Tunables.builder().tcacheCount(0).mxfast(0).remoteFrees(true).build());

    private HandOverStress() {}

    /** Two chunks that look like ones, and a stack to leave them on. Memory is used again long after. */
    private static final class Door {
        private static final long BYTES = 64;
        private static final long DOORS = 1 << 18;
        private static final long MEMORY =
                Linux.KERNEL.mmap(0, 2 * BYTES * DOORS, Os.PROT_READ | Os.PROT_WRITE, Os.MAP_NORESERVE);
        private static final AtomicLong NEXT = new AtomicLong();

        private final MallocState av = MallocState.none(HEAP.arenas.main);
        private final long chunks = MEMORY + 2 * BYTES * (NEXT.getAndIncrement() % DOORS);

        /** Writes the chunk's number into its block and leaves it. */
        void push(int number) {
            long p = chunks + BYTES * (number - 1);
            Memory.putLong(p + 40, number);
            av.pushRemote(p);
        }

        /** The sum of the numbers in the blocks that were left. */
        int take() {
            int sum = 0;
            int steps = 0;
            for (long p = av.takeRemote(); p != 0 && steps < 9; p = Chunk.fd(p)) {
                sum += (int) Memory.getLong(p + 40);
                Memory.putLong(p + 40, 0);
                steps++;
            }
            return sum;
        }
    }

    /** One leaves two chunks while the other takes what is there. */
    @JCStressTest
    @Outcome(
            id = {"0, 3", "1, 2", "3, 0"},
            expect = Expect.ACCEPTABLE,
            desc = "Each chunk was taken once, contents and all.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "A chunk was lost, doubled or taken without its contents.")
    @State
    public static class PushAndTake {
        private final Door door = new Door();

        @Actor
        public void pusher() {
            door.push(1);
            door.push(2);
        }

        @Actor
        public void taker(II_Result r) {
            r.r1 = door.take();
        }

        @Arbiter
        public void rest(II_Result r) {
            r.r2 = door.take();
        }
    }

    /** Two leave a chunk each. */
    @JCStressTest
    @Outcome(id = "3", expect = Expect.ACCEPTABLE, desc = "Both chunks are there.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "A chunk was lost or doubled.")
    @State
    public static class TwoPushers {
        private final Door door = new Door();

        @Actor
        public void first() {
            door.push(1);
        }

        @Actor
        public void second() {
            door.push(2);
        }

        @Arbiter
        public void both(I_Result r) {
            r.r1 = door.take();
        }
    }

    /** A block allocated and written by one thread, read and freed by the other. */
    @JCStressTest
    @Outcome(
            id = {"0", "42"},
            expect = Expect.ACCEPTABLE,
            desc = "Not there yet, or with its contents.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "The block arrived without its contents.")
    @State
    public static class Block {
        private volatile long handed;

        @Actor
        public void giver() {
            long mem = HEAP.malloc(48);
            Memory.putLong(mem + 40, 42);
            handed = mem;
        }

        @Actor
        public void taker(I_Result r) {
            long mem = handed;
            if (mem != 0) {
                r.r1 = (int) Memory.getLong(mem + 40);
                Memory.putLong(mem + 40, 0);
                HEAP.free(mem);
            }
        }

        @Arbiter
        public void leftOver(I_Result r) {
            if (r.r1 == 0) {
                HEAP.free(handed);
            }
        }
    }
}
