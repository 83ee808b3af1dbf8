package io.github.ptmalloc4j.benchmarks.prof;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;

/** Heaps that count their own system calls, for machines where the kernel does not tell. */
public final class HeapCalls {
    private static final List<LongSupplier> SOURCES = new CopyOnWriteArrayList<>();

    private HeapCalls() {}

    /** Takes a heap off that was added. */
    public static void remove(LongSupplier callsSoFar) {
        SOURCES.remove(callsSoFar);
    }

    /** Adds a heap, until it is closed. */
    public static void add(LongSupplier callsSoFar) {
        SOURCES.add(callsSoFar);
    }

    static boolean any() {
        return !SOURCES.isEmpty();
    }

    static long count() {
        return SOURCES.stream().mapToLong(LongSupplier::getAsLong).sum();
    }
}
