package io.github.ptmalloc4j.ptmalloc;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The platform threads that use a heap.
 *
 * <p>A call finds its thread's {@link PerThread} in an array, at the thread's number modulo its length: one load and one
 * comparison, where a {@link ThreadLocal} takes a walk. Two live threads may share a place; the one that does not find
 * itself there looks into the map behind and puts itself in its place. A thread's number is never used again.
 *
 * <p>Virtual threads are not in the table: there may be a million of them. They are only counted while they are inside.
 */
final class Threads {
    private static final int STRIPES = 16;
    /** Counters this many apart lie in cache lines of their own. */
    private static final int APART = 32;

    private final MallocPar mp;
    private final PerThread nobody;
    private final ConcurrentHashMap<Long, PerThread> all = new ConcurrentHashMap<>();
    /** What virtual threads have while inside, and how many are: striped, for a counter that all share is no faster than a lock. */
    private final PerThread[] virtual = new PerThread[STRIPES];

    private final AtomicIntegerArray virtualInside = new AtomicIntegerArray(STRIPES * APART);
    private volatile boolean severalThreads;
    private volatile boolean stopped;
    private volatile boolean watched;
    /** Power of two; filled with {@link #nobody}. */
    private PerThread[] places;
    /** Held where the array is replaced and where a thread leaves it. */
    private final ReentrantLock placing = new ReentrantLock();

    Threads(MallocPar mp) {
        this.mp = mp;
        nobody = PerThread.nobody(mp);
        places = empty(64);
        for (int stripe = 0; stripe < STRIPES; stripe++) {
            virtual[stripe] = PerThread.ofVirtualThreads(mp, stripe);
        }
    }

    private PerThread[] empty(int length) {
        PerThread[] empty = new PerThread[length];
        Arrays.fill(empty, nobody);
        return empty;
    }

    /** The calling thread's, or one with a tcache that covers nothing. */
    PerThread current() {
        Thread thread = Thread.currentThread();
        long id = thread.threadId();
        PerThread[] table = places;
        PerThread found = table[(int) id & table.length - 1];
        return found.threadId == id ? found : lookUp(thread, id);
    }

    private PerThread lookUp(Thread thread, long id) {
        PerThread found = thread.isVirtual() ? null : all.get(id);
        if (found == null) {
            return nobody;
        }
        PerThread[] table = places;
        table[(int) id & table.length - 1] = found;
        return found;
    }

    /** The calling thread's, made if need be; for a virtual thread {@link #isNobody}. Ends with {@link #leave}. */
    PerThread enter() {
        PerThread found = current();
        if (found != nobody) {
            if (found.isWithheld()) {
                awaitGiveBack(found);
            }
            return found;
        }
        if (Thread.currentThread().isVirtual()) {
            if (!severalThreads) {
                severalThreads = true;
            }
            PerThread stripe = virtual[(int) Thread.currentThread().threadId() & STRIPES - 1];
            virtualInside.incrementAndGet(stripe.stripe() * APART);
            return stripe;
        }
        return add(Thread.currentThread());
    }

    private static void awaitGiveBack(PerThread perThread) {
        perThread.withholding.lock();
        perThread.withholding.unlock();
    }

    void leave(PerThread entered) {
        if (entered.isNobody()) {
            virtualInside.decrementAndGet(entered.stripe() * APART);
        }
    }

    boolean isNobody(PerThread perThread) {
        return perThread.isNobody();
    }

    /** Adds a thread that is not there yet. */
    PerThread add(Thread thread) {
        PerThread added = new PerThread(mp, thread);
        all.put(added.threadId, added);
        if (watched) {
            settle(added);
        }
        // Behind the put, for whoever changes the period looks at all threads afterwards.
        added.own.stopNow();
        severalThreads |= all.size() > 1;
        growWith(all.size());
        return lookUp(thread, added.threadId);
    }

    private void growWith(int threads) {
        placing.lock();
        try {
            if (2 * threads > places.length) {
                PerThread[] larger = empty(2 * places.length);
                for (PerThread perThread : all.values()) {
                    larger[(int) perThread.threadId & larger.length - 1] = perThread;
                }
                places = larger;
            }
        } finally {
            placing.unlock();
        }
    }

    /** Takes a thread out; only one caller is told that it was there, and inherits what it had. */
    boolean remove(PerThread perThread) {
        if (!all.remove(perThread.threadId, perThread)) {
            return false;
        }
        mp.calls.keep(perThread.own);
        placing.lock();
        try {
            PerThread[] table = places;
            int place = (int) perThread.threadId & table.length - 1;
            if (table[place] == perThread) {
                table[place] = nobody;
            }
            return true;
        } finally {
            placing.unlock();
        }
    }

    /** Whether a second thread has ever been here. */
    boolean areSeveral() {
        return severalThreads;
    }

    boolean anyDead() {
        for (PerThread perThread : all.values()) {
            if (perThread.liveThread() == null) {
                return true;
            }
        }
        return false;
    }

    List<PerThread> dead() {
        List<PerThread> dead = new ArrayList<>();
        for (PerThread perThread : all.values()) {
            if (perThread.liveThread() == null) {
                dead.add(perThread);
            }
        }
        return dead;
    }

    Collection<PerThread> all() {
        return all.values();
    }

    Iterable<Tcache> tcaches() {
        return () -> all.values().stream().map(perThread -> perThread.own).iterator();
    }

    /** Withholds all tcaches for good, so that every call comes to the door, where it is refused. */
    void withholdAll() {
        stopped = true;
        for (PerThread perThread : all.values()) {
            perThread.withhold(nobody.own);
        }
    }

    /**
     * Withholds all tcaches for good, so that every call comes to the door and is seen there. A call at the door uses the tcache
     * all the same.
     */
    void watch() {
        watched = true;
        all.values().forEach(this::settle);
    }

    /** The period of samples has changed: every thread draws anew at its next request. */
    void stopAll() {
        all.values().forEach(perThread -> perThread.own.stopNow());
    }

    /** Gives the tcache back unless it is to stay withheld. */
    private void settle(PerThread perThread) {
        perThread.withholding.lock();
        try {
            perThread.giveBack();
            if (stopped || watched) {
                // Looked at behind the change: whoever comes last leaves it withheld.
                perThread.withhold(nobody.own);
            }
        } finally {
            perThread.withholding.unlock();
        }
    }

    /**
     * Runs {@code action} on the tcache of a thread that is not inside the engine, and keeps it out meanwhile.
     *
     * @return whether that was done; not if the thread was inside
     */
    boolean withTcacheOf(PerThread perThread, Consumer<Tcache> action) {
        Thread thread = perThread.liveThread();
        if (thread == null) {
            return false;
        }
        perThread.withholding.lock();
        try {
            perThread.withhold(nobody.own);
            boolean outside = !isInside(thread);
            if (outside) {
                action.accept(perThread.own);
            }
            return outside;
        } finally {
            settle(perThread);
            perThread.withholding.unlock();
        }
    }

    /**
     * Waits until no other thread is inside the engine. Whoever was told before to stay out has by then either left or not
     * come: asking a thread for its stack stops it where its frames can be told, and so the fast path needs no flag that it
     * would set and clear.
     */
    void awaitQuiet() {
        for (PerThread perThread : all.values()) {
            Thread thread = perThread.liveThread();
            while (thread != null && thread != Thread.currentThread() && isInside(thread)) {
                Thread.yield();
            }
        }
        for (int stripe = 0; stripe < STRIPES; stripe++) {
            while (virtualInside.get(stripe * APART) != 0) {
                Thread.yield();
            }
        }
    }

    /** Who waits in {@link #awaitQuiet} for another heap is not inside: two that close two heaps would wait for each other. */
    private static boolean isInside(Thread thread) {
        boolean inside = false;
        for (StackTraceElement frame : thread.getStackTrace()) {
            if (frame.getClassName().equals(Threads.class.getName())
                    && frame.getMethodName().equals("awaitQuiet")) {
                return false;
            }
            inside |= frame.getClassName().startsWith("io.github.ptmalloc4j.ptmalloc.");
        }
        return inside;
    }
}
