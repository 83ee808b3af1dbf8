package io.github.ptmalloc4j.ptmalloc;

/**
 * The heap was misused or is broken: a double free, a pointer that was never handed out, a header overwritten. The message
 * is the sentence that glibc 2.36 prints before it aborts. The heap is not used again: each later call throws once more.
 */
public final class HeapCorruption extends Error {
    private static final long serialVersionUID = 1;

    /** A broken rule, in glibc's words. */
    public HeapCorruption(String message) {
        super(message);
    }

    /** A call on a heap that was found broken earlier. */
    HeapCorruption(HeapCorruption earlier) {
        super("the heap is not used again after: " + earlier.getMessage(), earlier);
    }
}
