package io.github.ptmalloc4j.lab.conform;

import io.github.ptmalloc4j.ptmalloc.Malloc;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The threads of a script on our side. They take turns: whoever calls here waits until the thread whose turn it is has done
 * its work, so never do two of them work at once. The caller itself, who made the heap, is number 0.
 */
final class ScriptThreads implements AutoCloseable {
    /** Entries of the table that pthread_create allocates, by calloc, for each thread in the arena of its creator. */
    private static final long DTV_ENTRIES = 17;
    /** Bytes of such an entry. */
    private static final long DTV_ENTRY_BYTES = 16;

    private final Malloc malloc;
    private final Map<Long, ExecutorService> threads = new HashMap<>();
    private long turn;

    ScriptThreads(Malloc malloc) {
        this.malloc = malloc;
    }

    /**
     * Does to the heap what the start of {@code count} threads does to glibc's. They are started when they are needed; only
     * one comes in at once and goes, which leaves no trace but that the heap is not any more one thread's.
     */
    void start(int count) {
        for (int i = 0; i < count; i++) {
            malloc.calloc(DTV_ENTRIES, DTV_ENTRY_BYTES);
            if (i == 0) {
                turn = Operations.LAST_THREAD;
                inTurn(malloc::mallinfo2);
                exit();
                turn = 0;
            }
        }
    }

    /** From now on it is this thread's turn. */
    void turnTo(long thread) {
        turn = thread;
    }

    /** Has the thread whose turn it is do something. */
    <T> T inTurn(Callable<T> work) {
        try {
            return turn == 0
                    ? work.call()
                    : threads.computeIfAbsent(turn, number -> newThread())
                            .submit(work)
                            .get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("thread " + turn + " of the script failed", e.getCause());
        } catch (Exception e) {
            throw new IllegalStateException("thread " + turn + " of the script cannot work", e);
        }
    }

    private static ExecutorService newThread() {
        return Executors.newSingleThreadExecutor(
                work -> Thread.ofPlatform().daemon().unstarted(work));
    }

    /** Ends the thread whose turn it is, if it ever had one; number 0 stays. */
    void exit() {
        if (threads.containsKey(turn)) {
            inTurn(() -> {
                malloc.releaseThread();
                return null;
            });
            threads.remove(turn).shutdown();
        }
    }

    /** Ends all threads, without giving back what they hold. */
    @Override
    public void close() {
        threads.values().forEach(ExecutorService::shutdown);
        threads.clear();
    }
}
