package io.github.ptmalloc4j.lab.stress;

/**
 * Something that a heap must not do.
 *
 * @param mix in which it happened
 * @param thread the worker that found it; −1 for the checks at the end of a round
 * @param what in words, with address, offset, what was expected and what was found
 */
public record Violation(String mix, int thread, String what) {
    @Override
    public String toString() {
        return thread < 0
                ? "%s, end of a round: %s".formatted(mix, what)
                : "%s, thread %d: %s".formatted(mix, thread, what);
    }
}
