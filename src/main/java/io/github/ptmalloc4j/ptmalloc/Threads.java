package io.github.ptmalloc4j.ptmalloc;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Consumer;

/**
 * The platform threads that use a heap.
 *
 * <p>A call finds its thread's {@link Tcache} in an array, at the thread's number modulo its length: one load and one
 * comparison, where a {@link ThreadLocal} takes a walk. That the array never moves matters as much: what stands between a call
 * and the tcache are loads that wait for each other, and each takes longer than ten instructions that do not wait.
 * Two live threads may share a place; the one that does not find itself there looks into the map behind and takes the place,
 * which costs them time only while both run. A thread's number is never used again.
 *
 * <p>Virtual threads are not in the table: there may be a million of them. They are only counted while they are inside.
 */
final class Threads {
    private static final int STRIPES = 16;
    /** Counters this many apart lie in cache lines of their own. */
    private static final int APART = 32;
    /** Power of two; many more than threads run at a time. */
    private static final int PLACES = 4096;

    private static final VarHandle PLACE = MethodHandles.arrayElementVarHandle(Tcache[].class);

    private final MallocPar mp;
    private final PerThread nobody;
    /** The tcaches of threads, and {@link #nobody}'s where there is none. */
    final Tcache[] places = new Tcache[PLACES];

    private final ConcurrentHashMap<Long, PerThread> all = new ConcurrentHashMap<>();
    /** What virtual threads have while inside, and how many are: striped, for a counter that all share is no faster than a lock. */
    private final PerThread[] virtual = new PerThread[STRIPES];

    private final AtomicIntegerArray virtualInside = new AtomicIntegerArray(STRIPES * APART);
    private volatile boolean severalThreads;
    private volatile boolean stopped;
    private volatile boolean watched;

    Threads(MallocPar mp) {
        this.mp = mp;
        nobody = PerThread.nobody(mp);
        Arrays.fill(places, nobody.tcache);
        for (int stripe = 0; stripe < STRIPES; stripe++) {
            virtual[stripe] = PerThread.ofVirtualThreads(mp, stripe);
        }
    }

    static int place(long threadId) {
        return (int) threadId & PLACES - 1;
    }

    Tcache lookUp(Thread thread, long id) {
        PerThread found = thread.isVirtual() ? null : all.get(id);
        if (found == null) {
            return nobody.tcache;
        }
        places[place(id)] = found.tcache;
        return found.tcache;
    }

    /**
     * What the calling thread has, made if need be; for a virtual thread {@link #isNobody}. Ends with {@link #leave}.
     *
     * @param tcache that it found at its place
     */
    PerThread enter(Tcache tcache) {
        PerThread found = tcache.owner;
        if (found != nobody) {
            if (tcache.isWithheld()) {
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

    /** As {@link #enter(Tcache)}, for callers that are in no hurry. */
    PerThread enter() {
        Thread thread = Thread.currentThread();
        return enter(lookUp(thread, thread.threadId()));
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

    /** Adds a thread that is not there yet. */
    PerThread add(Thread thread) {
        PerThread added = new PerThread(mp, thread);
        all.put(added.threadId, added);
        if (watched) {
            settle(added);
        }
        // Behind the put, for whoever changes the period looks at all threads afterwards.
        added.tcache.stopNow();
        severalThreads |= all.size() > 1;
        places[place(added.threadId)] = added.tcache;
        return added;
    }

    /** Takes a thread out; only one caller is told that it was there, and inherits what it had. */
    boolean remove(PerThread perThread) {
        if (!all.remove(perThread.threadId, perThread)) {
            return false;
        }
        mp.calls.keep(perThread.tcache);
        PLACE.compareAndSet(places, place(perThread.threadId), perThread.tcache, nobody.tcache);
        return true;
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
        return () -> all.values().stream().map(perThread -> perThread.tcache).iterator();
    }

    /** Withholds all tcaches for good, so that every call comes to the door, where it is refused. */
    void withholdAll() {
        stopped = true;
        for (PerThread perThread : all.values()) {
            perThread.tcache.withhold();
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
        all.values().forEach(perThread -> perThread.tcache.stopNow());
    }

    /** Gives the tcache back unless it is to stay withheld. */
    private void settle(PerThread perThread) {
        perThread.withholding.lock();
        try {
            if (!stopped && !watched) {
                perThread.tcache.giveBack();
            }
            if (stopped || watched) {
                // Looked at behind the change: whoever comes last leaves it withheld.
                perThread.tcache.withhold();
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
            perThread.tcache.withhold();
            boolean outside = !isInside(thread);
            if (outside) {
                action.accept(perThread.tcache);
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
        awaitEach();
        // Who just then gave a tcache back has let its thread in once more, and has left himself by now.
        awaitEach();
    }

    private void awaitEach() {
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
