package io.github.ptmalloc4j.ptmalloc;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A platform thread that does what it is told, one thing after the other. Between two orders no frame of this package is on
 * its stack: to the engine, which tells by such frames who is inside, it is idle.
 */
final class OtherThread {
    private final BlockingQueue<Thread> thread = new LinkedBlockingQueue<>(1);
    private final ExecutorService executor = Executors.newSingleThreadExecutor(task -> {
        Thread made = new Thread(task);
        thread.add(made);
        return made;
    });

    /** Does it there, and waits for the result; throws what it threw. */
    <T> T call(Callable<T> order) {
        return await(start(order));
    }

    void run(Runnable order) {
        call(Executors.callable(order));
    }

    /** Does it there without waiting. */
    <T> Future<T> start(Callable<T> order) {
        return executor.submit(order);
    }

    static <T> T await(Future<T> result) {
        try {
            return result.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException unchecked) {
                throw unchecked;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new AssertionError(e.getCause());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The thread; it must have been told something before. */
    Thread thread() {
        return thread.peek();
    }

    /** The thread dies. */
    void end() {
        executor.shutdown();
        if (thread() == null) {
            return;
        }
        try {
            thread().join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
