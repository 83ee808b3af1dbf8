package io.github.ptmalloc4j.ptmalloc;

import java.lang.ref.WeakReference;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a platform thread has of a heap: its tcache and its arena. glibc keeps the two in thread-local variables; here they
 * are found through {@link Threads}. Both are the thread's own; when it is dead, whoever removes it from the table inherits.
 *
 * <p>The tcache can be <em>withheld</em>: the thread then finds it closed and comes to {@link Threads#enter}, where it waits or
 * is told that the heap is closed. This is how a heap is closed under running threads and how idle caches are emptied, at no
 * cost to the fast path but that it reads anew each time how many stacks are open.
 */
final class PerThread {
    final long threadId;
    /** Weak: that a thread once used a heap must not keep it. */
    private final WeakReference<Thread> thread;

    final Tcache tcache;
    /** The arena that the thread is attached to; null before its first request. */
    MallocState arena;
    /** What the tcache looked like when {@link IdlePurge#look} last looked. */
    long fingerprint;
    /** Which of its requests the observer hears of. */
    final Sampler sampler;
    /** Held by whoever withholds the tcache for a while, looks at it from outside or gives it back for good. */
    final ReentrantLock withholding = new ReentrantLock();

    PerThread(MallocPar mp, Thread thread) {
        this(mp, thread.threadId(), thread);
    }

    private PerThread(MallocPar mp, long threadId, Thread thread) {
        this.threadId = threadId;
        this.thread = new WeakReference<>(thread);
        this.tcache = new Tcache(mp, this);
        this.sampler = new Sampler(mp, tcache);
    }

    /** What all have who have nothing of their own: threads that come for the first time, and virtual threads. */
    static PerThread nobody(MallocPar mp) {
        return new PerThread(mp, 0, null);
    }

    /** What the virtual threads of one stripe have while they are inside. */
    static PerThread ofVirtualThreads(MallocPar mp, int stripe) {
        return new PerThread(mp, -1 - stripe, null);
    }

    /** Whether this stands for no platform thread. */
    boolean isNobody() {
        return threadId <= 0;
    }

    /** Of virtual threads: which stripe. */
    int stripe() {
        return (int) (-1 - threadId);
    }

    /** The thread, or null if it is dead. */
    Thread liveThread() {
        Thread owner = thread.get();
        return owner != null && owner.isAlive() ? owner : null;
    }
}
