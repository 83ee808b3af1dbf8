package io.github.ptmalloc4j.ptmalloc;

import java.lang.ref.WeakReference;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Gives back what a heap does not use while nobody looks: one daemon thread for all heaps of the process that ask for it.
 *
 * <p>It looks at each heap twice in the time that {@link Tunables#purgeMillis} sets. A tcache whose table has not changed
 * between two looks is emptied, and so is what waits for other tcaches; an arena that nobody has locked between two looks is trimmed, once, until it is used again.
 * Whoever is busy pays nothing: the looks read counters that are kept anyway.
 */
final class IdlePurge {
    private static final ScheduledThreadPoolExecutor THREAD = thread();

    private IdlePurge() {}

    private static ScheduledThreadPoolExecutor thread() {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread daemon = new Thread(task, "ptmalloc4j idle purge");
            daemon.setDaemon(true);
            return daemon;
        });
        executor.setRemoveOnCancelPolicy(true);
        return executor;
    }

    /**
     * Looks after a heap until it is closed or forgotten.
     *
     * @param millis how long something must have been idle; up to half as much longer
     */
    static void start(Arenas arenas, long millis) {
        Look look = new Look(new WeakReference<>(arenas));
        long period = Math.max(1, millis / 2);
        look.schedule = THREAD.scheduleWithFixedDelay(look, period, period, TimeUnit.MILLISECONDS);
    }

    /**
     * One look: empties tcaches that have not changed since the last look, trims arenas that have served nobody since. Called by
     * one thread at a time.
     *
     * @return whether it is worth coming again
     */
    static boolean look(Arenas arenas) {
        PerThread me = arenas.threads.enter();
        arenas.purging.lock();
        try {
            // Asked inside: whoever closes the heap waits for those who are.
            if (!arenas.mp.isUsable()) {
                return false;
            }
            arenas.sweep();
            for (PerThread perThread : arenas.threads.all()) {
                purge(arenas, perThread);
            }
            arenas.transfer.purge(arenas::free);
            for (MallocState av : arenas.ring()) {
                purge(av);
            }
            return true;
        } catch (HeapCorruption e) {
            // The next call on the heap is told.
            return false;
        } finally {
            arenas.purging.unlock();
            arenas.threads.leave(me);
        }
    }

    private static void purge(Arenas arenas, PerThread perThread) {
        // Held all the time: the table must not go meanwhile, should the thread die or leave.
        perThread.withholding.lock();
        try {
            long fingerprint = perThread.tcache.fingerprint();
            if (fingerprint == perThread.fingerprint && !perThread.tcache.isEmpty()) {
                arenas.threads.withTcacheOf(perThread, tcache -> tcache.flush(arenas::free));
                fingerprint = perThread.tcache.fingerprint();
            }
            perThread.fingerprint = fingerprint;
        } finally {
            perThread.withholding.unlock();
        }
    }

    private static void purge(MallocState av) {
        boolean idle = av.operations == av.operationsSeen;
        if (idle && (av.operations != av.operationsPurged || av.hasRemote())) {
            av.lock.lock();
            try {
                Systrim.purge(av);
            } finally {
                av.lock.unlock();
            }
            av.operationsPurged = av.operations;
        }
        av.operationsSeen = av.operations;
    }

    /** Knows its heap weakly: a heap that nobody can reach needs no care. */
    private static final class Look implements Runnable {
        private final WeakReference<Arenas> heap;
        private volatile ScheduledFuture<?> schedule;

        Look(WeakReference<Arenas> heap) {
            this.heap = heap;
        }

        @Override
        public void run() {
            Arenas arenas = heap.get();
            if (arenas == null || !look(arenas)) {
                ScheduledFuture<?> own = schedule;
                if (own != null) {
                    own.cancel(false);
                }
            }
        }
    }
}
