package io.github.ptmalloc4j.ptmalloc;

import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;

/** A counter that only the lock guards counts as one that a single thread uses. */
public class ArenaLockModelTest {
    private final ArenaLock lock = new ArenaLock();
    private int counter;

    @Operation
    public int increment() {
        lock.lock();
        try {
            counter = counter + 1;
            return counter;
        } finally {
            lock.unlock();
        }
    }

    @Operation
    public int incrementTryingFirst() {
        if (!lock.tryLock()) {
            lock.lock();
        }
        try {
            counter = counter + 1;
            return counter;
        } finally {
            lock.unlock();
        }
    }

    @Test
    void noInterleavingLetsTwoIn() {
        Models.checkInterleavings(ArenaLockModelTest.class);
    }

    @Test
    void realThreadsExcludeEachOther() {
        Models.stress(ArenaLockModelTest.class);
    }
}
