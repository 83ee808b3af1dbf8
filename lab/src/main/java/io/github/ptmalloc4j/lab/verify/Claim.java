package io.github.ptmalloc4j.lab.verify;

/**
 * One thing that the heap is said to do.
 *
 * @param number its place in the list, from 1
 * @param sentence what is claimed
 * @param proof how it is measured; run in a process of its own, which it may leave in any state
 */
public record Claim(int number, String sentence, Proof proof) {

    /** Drives a heap and collects evidence. */
    @FunctionalInterface
    public interface Proof {
        /** Throws anything: a claim whose proof breaks off has failed. */
        void measure(Evidence evidence) throws Exception;
    }
}
