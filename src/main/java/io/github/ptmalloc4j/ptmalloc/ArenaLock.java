package io.github.ptmalloc4j.ptmalloc;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * The lock of an arena: held for the length of one walk down the ladder, mostly some ten nanoseconds.
 *
 * <p>What it guards: everything in {@link MallocState} that has no other owner (bins, fast bins, top, counters) and the
 * headers of the arena's chunks, other than the size words of chunks in use, which belong to their users' threads. Order of
 * locks: one arena at a time, then at most one of the leaves: the list of arenas ({@link Arenas}), the heaps
 * ({@link HeapAreas}), the mapped chunks ({@link MmappedChunks}). Nothing that can block is called with an arena locked, system
 * calls apart.
 *
 * <p>One atomic operation to lock, none to unlock: whoever unlocks may overlook a waiter that has just come, and so no
 * waiter parks for longer than {@link #LONGEST_PARK_NANOS}. A waiter first spins, then queues and parks, and when it has
 * waited for {@link #PATIENCE_NANOS} it is handed the lock, past all who would take it at that moment. Not reentrant.
 */
final class ArenaLock {
    private static final int FREE = 0;
    private static final int HELD = 1;
    /** Only the thread that was promised the lock may take it. */
    private static final int PROMISED = 2;

    private static final int SPINS = 64;
    private static final long LONGEST_PARK_NANOS = 50_000;
    private static final long PATIENCE_NANOS = 500_000;

    private static final VarHandle STATE;
    private static final VarHandle WAITING;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(ArenaLock.class, "state", int.class);
            WAITING = MethodHandles.lookup().findVarHandle(ArenaLock.class, "waiting", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private int state;
    private int waiting;
    private final ConcurrentLinkedQueue<Thread> queue = new ConcurrentLinkedQueue<>();
    /** The waiter that has run out of patience; the next to unlock promises it the lock. */
    private volatile Thread starving;

    void lock() {
        if (!STATE.compareAndSet(this, FREE, HELD)) {
            lockContended();
        }
    }

    boolean tryLock() {
        return STATE.compareAndSet(this, FREE, HELD);
    }

    private void lockContended() {
        for (int i = 0; i < SPINS; i++) {
            Thread.onSpinWait();
            if ((int) STATE.getOpaque(this) == FREE && tryLock()) {
                return;
            }
        }
        Thread me = Thread.currentThread();
        queue.add(me);
        WAITING.getAndAdd(this, 1);
        boolean interrupted = false;
        long patienceEnds = System.nanoTime() + PATIENCE_NANOS;
        while (!tryLock() && !takePromised(me)) {
            if (starving == null && queue.peek() == me && System.nanoTime() - patienceEnds >= 0) {
                starving = me;
            }
            LockSupport.parkNanos(this, LONGEST_PARK_NANOS);
            interrupted |= Thread.interrupted();
        }
        if (starving == me) {
            starving = null;
        }
        queue.remove(me);
        WAITING.getAndAdd(this, -1);
        if (interrupted) {
            me.interrupt();
        }
    }

    private boolean takePromised(Thread me) {
        return starving == me && STATE.compareAndSet(this, PROMISED, HELD);
    }

    void unlock() {
        if (waiting == 0) {
            STATE.setRelease(this, FREE);
        } else {
            unlockForWaiters();
        }
    }

    private void unlockForWaiters() {
        Thread first = starving;
        STATE.setRelease(this, first == null ? FREE : PROMISED);
        LockSupport.unpark(first != null ? first : queue.peek());
    }

    /** Whether somebody holds the lock; for assertions and tests. */
    boolean isLocked() {
        return (int) STATE.getVolatile(this) != FREE;
    }
}
