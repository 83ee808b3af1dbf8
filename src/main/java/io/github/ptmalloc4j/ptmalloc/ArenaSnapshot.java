package io.github.ptmalloc4j.ptmalloc;

/**
 * What one arena had at a moment when its lock was held. Sizes are in bytes, chunk headers included.
 *
 * <pre>
 *   accessible = held + fast + bins + top + overhead + spare
 * </pre>
 *
 * @param index 0 for the main arena, then in the order in which the arenas were made
 * @param threads platform threads that the arena serves
 * @param accessible its pages that may be read and written
 * @param held chunks that users or threads' caches hold: which of the two, the arena does not know. Chunks that wait at the
 *     door of a busy arena ({@link Tunables#remoteFrees}) count here, as do addresses that somebody else's move of the
 *     program break has left in between
 * @param fast chunks in fast bins
 * @param bins chunks in the other bins
 * @param top the chunk at the end, from which others are cut
 * @param overhead the arena's own words, the headers of its heaps, and what closes an area that can grow no further
 * @param spare accessible and beyond top: pages of a heap that shrank, given back to the system but still open
 * @param trimmable what malloc_trim would give back now, at least: all of top but the least, in the main arena; whole pages
 *     inside chunks in bins. Pages count whether or not they were given back before
 * @param operations requests and frees that reached the arena since it began; those that a thread's cache answered, and those
 *     of mapped chunks, are not counted
 */
public record ArenaSnapshot(
        int index,
        int threads,
        long accessible,
        long held,
        long fast,
        long bins,
        long top,
        long overhead,
        long spare,
        long trimmable,
        long operations) {

    /** Bytes in fast bins and other bins. */
    public long free() {
        return fast + bins;
    }
}
