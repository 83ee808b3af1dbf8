package io.github.ptmalloc4j.lab.stress;

import io.github.ptmalloc4j.Ptmalloc;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads of one mix on one heap. One that fails interrupts all others. */
final class Crew {
    /** What one thread does. */
    @FunctionalInterface
    interface Task {
        void run(Worker worker) throws InterruptedException;
    }

    final int size;
    final Ptmalloc heap;
    private final Tally tally;
    private final long seed;
    private final boolean virtual;
    private final AtomicInteger workers = new AtomicInteger();
    private final Queue<Thread> running = new ConcurrentLinkedQueue<>();

    Crew(StressPlan plan, Ptmalloc heap, Tally tally) {
        this.heap = heap;
        this.tally = tally;
        size = plan.threads();
        seed = plan.seed();
        virtual = plan.virtual();
    }

    /** How much of {@code all} falls to each thread, at least {@code least}. */
    int share(int all, int least) {
        return Math.max(least, all / size);
    }

    /** A worker for the calling thread. */
    Worker worker() {
        return new Worker(heap, tally, workers.getAndIncrement(), seed);
    }

    /** Starts a thread; one of the crew may do so too. */
    void start(Task task) {
        Thread thread = (virtual ? Thread.ofVirtual() : Thread.ofPlatform()).unstarted(() -> run(task));
        running.add(thread);
        thread.start();
    }

    private void run(Task task) {
        Worker worker = worker();
        try {
            task.run(worker);
        } catch (InterruptedException e) {
            // Another one has failed and said why.
        } catch (RuntimeException | Error e) {
            tally.violated(worker.number, "threw " + e + " at " + where(e));
            running.forEach(Thread::interrupt);
        } finally {
            worker.report();
        }
    }

    /** The innermost frames. */
    static String where(Throwable thrown) {
        return Arrays.stream(thrown.getStackTrace()).limit(6).toList().toString();
    }

    /** Waits for all, those included that others start meanwhile. */
    void join() throws InterruptedException {
        // It stays in the list until it has ended: one that fails must find it there.
        for (Thread thread = running.peek(); thread != null; thread = running.peek()) {
            thread.join();
            running.remove(thread);
        }
    }
}
