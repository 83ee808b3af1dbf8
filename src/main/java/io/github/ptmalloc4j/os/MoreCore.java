package io.github.ptmalloc4j.os;

/**
 * A break that moves: where a main arena gets its memory, under the name that ptmalloc2 gives it.
 *
 * <pre>
 *   base ──────────────── break ─ ─ ─ ─ ─ ─ limit
 *   │  readable, writable  │    nothing yet   │
 * </pre>
 *
 * <p>Whole pages between the old break and a higher one read as zero, also where the break had been there before: ptmalloc2
 * calls this property MORECORE_CLEARS and its calloc relies on it.
 */
public interface MoreCore extends AutoCloseable {
    /** What {@link #morecore} returns when the break cannot move. */
    long FAILURE = 0;

    /**
     * Moves the break.
     *
     * @param increment bytes, negative to shrink, 0 to ask
     * @return the break before the move, or {@link #FAILURE} with the break where it was
     */
    long morecore(long increment);

    /** Gives all memory back. Nobody may use any of it, or this object, afterwards. */
    @Override
    void close();
}
