package io.github.ptmalloc4j.ptmalloc;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** The lock of an arena, by force. A waiter that nobody wakes shows as a test that never ends. */
public final class ArenaLockStress {
    private ArenaLockStress() {}

    /** Nobody's plain increment is lost: neither two at a time nor a stale read. */
    @JCStressTest
    @Outcome(id = "2", expect = Expect.ACCEPTABLE, desc = "Each of the two was alone.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Two were inside at once, or one did not see what another wrote.")
    @State
    public static class Exclusion {
        private final ArenaLock lock = new ArenaLock();
        private int counter;

        private void increment() {
            lock.lock();
            counter++;
            lock.unlock();
        }

        @Actor
        public void first() {
            increment();
        }

        @Actor
        public void second() {
            increment();
        }

        @Arbiter
        public void sum(I_Result r) {
            r.r1 = counter;
        }
    }

    /** Plain writes made under the lock are seen together by whoever gets it next, by trying too. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "The reader came first, or found the lock taken.")
    @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "The reader came second.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "One write is seen without the other.")
    @State
    public static class Visibility {
        private final ArenaLock lock = new ArenaLock();
        private int x;
        private int y;

        @Actor
        public void writer() {
            lock.lock();
            x = 1;
            y = 1;
            lock.unlock();
        }

        @Actor
        public void reader(II_Result r) {
            if (lock.tryLock()) {
                r.r2 = y;
                r.r1 = x;
                lock.unlock();
            }
        }
    }

    /** Both hold the lock for longer than anybody spins, so that the other parks. */
    @JCStressTest
    @Outcome(id = "4", expect = Expect.ACCEPTABLE, desc = "All came through.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Somebody was let in too early.")
    @State
    public static class Parking {
        private final ArenaLock lock = new ArenaLock();
        private int counter;

        private void incrementSlowly() {
            for (int i = 0; i < 2; i++) {
                lock.lock();
                int before = counter;
                for (int spin = 0; spin < 200; spin++) {
                    Thread.onSpinWait();
                }
                counter = before + 1;
                lock.unlock();
            }
        }

        @Actor
        public void first() {
            incrementSlowly();
        }

        @Actor
        public void second() {
            incrementSlowly();
        }

        @Arbiter
        public void sum(I_Result r) {
            r.r1 = counter;
        }
    }
}
