package io.github.ptmalloc4j.benchmarks;

/** Hears how far a long report is. */
interface Progress extends AutoCloseable {
    /** A process is about to run. */
    void next(String row, String column);

    @Override
    default void close() {
        System.err.println();
    }

    /** A dot for each process. */
    static Progress dots() {
        return (row, column) -> System.err.print('.');
    }
}
