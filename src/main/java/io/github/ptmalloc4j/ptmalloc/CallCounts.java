package io.github.ptmalloc4j.ptmalloc;

/**
 * How often a heap was called since it began. Counted by each thread for itself and added up here: exact when nobody calls.
 *
 * @param mallocs blocks that were handed out: by malloc, calloc, memalign and their sisters, and by realloc of nothing
 * @param frees blocks that were given back: by free, and by realloc to nothing
 * @param reallocs blocks that were given another size
 * @param failures requests that found no memory
 */
public record CallCounts(long mallocs, long frees, long reallocs, long failures) {
    /** Blocks that users hold. */
    public long blocks() {
        return mallocs - frees;
    }
}
