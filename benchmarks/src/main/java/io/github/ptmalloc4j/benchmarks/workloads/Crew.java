package io.github.ptmalloc4j.benchmarks.workloads;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/** Threads that do the work of one run, and the clocks. */
final class Crew {
    private static final ThreadMXBean CLOCKS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final long started = System.nanoTime();
    private final LongAdder cpuNanos = new LongAdder();
    private final LongAdder javaBytes = new LongAdder();
    private final CountDownLatch parts;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    /**
     * The wall clock starts.
     *
     * @param parts that run side by side, each of one thread or of several in turn
     */
    Crew(int parts) {
        this.parts = new CountDownLatch(parts);
    }

    /** Times work of this thread alone. */
    static Workload.Outcome alone(long operations, Runnable work) {
        Crew crew = new Crew(0);
        crew.here(work);
        return crew.finish(operations);
    }

    /** Does a part, or the last piece of it, in a new platform thread. */
    void start(Runnable work) {
        start(work, parts::countDown);
    }

    /**
     * Does a piece of work in a new platform thread.
     *
     * @param then what the thread does after its work, outside the count of CPU time
     */
    void start(Runnable work, Runnable then) {
        Thread.ofPlatform().daemon().start(() -> {
            try {
                here(work);
                then.run();
            } catch (Throwable t) {
                failure.compareAndSet(null, t);
                while (parts.getCount() > 0) {
                    parts.countDown();
                }
            }
        });
    }

    /** Does a piece of work in this thread. */
    private void here(Runnable work) {
        long bytes = CLOCKS.getCurrentThreadAllocatedBytes();
        long before = CLOCKS.getCurrentThreadCpuTime();
        work.run();
        cpuNanos.add(CLOCKS.getCurrentThreadCpuTime() - before);
        javaBytes.add(CLOCKS.getCurrentThreadAllocatedBytes() - bytes);
    }

    /** Waits for all parts. */
    Workload.Outcome finish(long operations) {
        try {
            parts.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        if (failure.get() != null) {
            throw new IllegalStateException("a thread failed", failure.get());
        }
        return new Workload.Outcome(operations, System.nanoTime() - started, cpuNanos.sum(), 0, javaBytes.sum(), 0);
    }
}
