package io.github.ptmalloc4j;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The epochs of a heap's shared lifetimes.
 *
 * <pre>
 *   opened:   a ──────┐ b ─┐ c ───────────┐      the epoch is full: no more lifetimes
 *   closed:           a    b              c      the last one ends it
 *   memory:   kept ─────────────────────► one close of the JDK's shared arena, then all is freed
 * </pre>
 */
final class SharedEpochs {
    /** Lifetimes in an epoch: what closing a shared arena costs, a handshake with every thread, is divided by it. */
    static final int MOST_LIFETIMES = 256;
    /** Bytes that wait in an epoch before it is full. */
    static final long MOST_WAITING = 4L << 20;

    /** Lifetimes that end together. All but the arena is guarded by the lock. */
    static final class Epoch {
        final Arena backing = Arena.ofShared();
        /** The chains of the lifetimes that are closed. */
        private final long[] chains = new long[MOST_LIFETIMES];

        private int opened;
        private int closed;
        private long waiting;

        private boolean isFull() {
            return opened == MOST_LIFETIMES || waiting > MOST_WAITING;
        }

        private boolean isOver() {
            return isFull() && closed == opened;
        }
    }

    private final HeapSegments heap;
    private final ReentrantLock lock = new ReentrantLock();
    /** Those that are not over, and those that are and could not be closed. */
    private final List<Epoch> epochs = new ArrayList<>();
    /** The one that takes new lifetimes; null if there is none. */
    private Epoch current;
    /** How many are over and could not be closed. */
    private int held;
    /** How many are being closed at this moment, outside the lock; nobody unmaps their memory before that is done. */
    private int ending;

    private final Condition ended = lock.newCondition();
    private boolean heapClosed;

    SharedEpochs(HeapSegments heap) {
        this.heap = heap;
    }

    /** The epoch of a new lifetime. */
    Epoch enter() {
        lock.lock();
        try {
            if (heapClosed) {
                throw new IllegalStateException("the heap is closed");
            }
            if (current == null) {
                current = new Epoch();
                epochs.add(current);
            }
            Epoch epoch = current;
            epoch.opened++;
            if (epoch.isFull()) {
                current = null;
            }
            return epoch;
        } finally {
            lock.unlock();
        }
    }

    /**
     * A lifetime is closed.
     *
     * @param chain its blocks, {@code bytes} bytes in all
     */
    void leave(Epoch epoch, long chain, long bytes) {
        boolean over;
        lock.lock();
        try {
            epoch.chains[epoch.closed++] = chain;
            epoch.waiting += bytes;
            if (epoch == current && epoch.isFull()) {
                current = null;
            }
            over = epoch.isOver() && epochs.remove(epoch);
            ending += over ? 1 : 0;
        } finally {
            lock.unlock();
        }
        if (over) {
            end(epoch);
            endHeld();
        }
    }

    /** Outside the lock: stopping all threads takes long. */
    private void end(Epoch epoch) {
        boolean closed = false;
        try {
            epoch.backing.close();
            closed = true;
        } catch (IllegalStateException e) {
            // A call of the system holds a segment of it. The next epoch that ends asks again.
        }
        lock.lock();
        try {
            if (!closed) {
                epochs.add(epoch);
                held++;
            }
            ending--;
            ended.signalAll();
        } finally {
            lock.unlock();
        }
        for (int i = 0; closed && i < epoch.closed; i++) {
            heap.linked.freeChain(epoch.chains[i]);
        }
    }

    private void endHeld() {
        List<Epoch> again = List.of();
        lock.lock();
        try {
            if (held > 0) {
                again = epochs.stream().filter(Epoch::isOver).toList();
                epochs.removeAll(again);
                held -= again.size();
                ending += again.size();
            }
        } finally {
            lock.unlock();
        }
        again.forEach(this::end);
    }

    /**
     * The heap is about to be closed: ends access to all shared lifetimes. Their memory goes with the heap.
     *
     * @throws IllegalStateException if a call of the system holds a segment
     */
    void close() {
        lock.lock();
        try {
            heapClosed = true;
            while (ending > 0) {
                ended.awaitUninterruptibly();
            }
            while (!epochs.isEmpty()) {
                epochs.getLast().backing.close();
                epochs.removeLast();
            }
        } finally {
            lock.unlock();
        }
    }
}
