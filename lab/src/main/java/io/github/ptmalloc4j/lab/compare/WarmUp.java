package io.github.ptmalloc4j.lab.compare;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;

/** Runs code until the JIT compiler has made of it what it will. */
public final class WarmUp {
    private WarmUp() {}

    /**
     * The code, over and over.
     *
     * @param <E> what it may throw
     */
    @FunctionalInterface
    public interface Rounds<E extends Exception> {
        /** Runs for so many nanoseconds. */
        void run(long nanos) throws E;
    }

    /**
     * As long as is asked for; then on while the compiler still works, as it does on a busy machine, but not for ever.
     *
     * @param nanos asked for
     * @param longest how many times as long it may take
     * @param restMillis compilation in a quarter of {@code nanos} that is no reason to go on
     */
    public static <E extends Exception> void run(long nanos, int longest, long restMillis, Rounds<E> rounds) throws E {
        long start = System.nanoTime();
        rounds.run(nanos);
        CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
        long before;
        do {
            before = compiler.getTotalCompilationTime();
            rounds.run(nanos / 4);
        } while (compiler.getTotalCompilationTime() > before + restMillis
                && System.nanoTime() - start < longest * nanos);
    }
}
