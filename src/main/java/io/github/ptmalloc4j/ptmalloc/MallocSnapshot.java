package io.github.ptmalloc4j.ptmalloc;

import java.util.List;

/**
 * What the engine knows of a heap. Arenas are locked one after the other, and threads' caches are read while their threads go
 * on: under way, the numbers are each true and together approximate; when nobody calls, they are exact.
 *
 * @param arenas in the order in which they were made
 * @param caches threads that have a cache
 * @param cached bytes of chunks in those caches or on their way from one to another, which the arenas count as held
 * @param cacheTables bytes of the chunks in which the caches keep their books, which the arenas count as held
 * @param mappedChunks chunks that are mappings of their own
 * @param mappedBytes bytes of those mappings
 * @param fill of the bytes of chunks that arenas have handed out since the heap began, the part that was asked for; 1 if none
 *     was. What caches answered, what memory was mapped for and what a realloc made is not in it
 * @param calls how often the heap was called
 */
public record MallocSnapshot(
        List<ArenaSnapshot> arenas,
        int caches,
        long cached,
        long cacheTables,
        long mappedChunks,
        long mappedBytes,
        double fill,
        CallCounts calls) {
    /** Keeps the arenas as they were. */
    public MallocSnapshot {
        arenas = List.copyOf(arenas);
    }
}
