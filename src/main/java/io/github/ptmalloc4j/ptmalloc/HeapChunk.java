package io.github.ptmalloc4j.ptmalloc;

/**
 * One chunk as a walk over the heap finds it.
 *
 * @param address of the chunk; what the user holds lies 16 bytes higher
 * @param size in bytes, header included
 * @param flags the low three bits of the size word: 1 the previous chunk is in use, 2 mmapped, 4 of a non-main arena
 * @param state what the chunk is doing
 * @param bin its index among its kind: tcache 0–63, and up to 160 where it has larger chunks; fast bins 0–9; bins 1 (unsorted),
 *     2–63 (small), 64–126 (large); −1 where the state knows no bins
 */
public record HeapChunk(long address, long size, int flags, State state, int bin) {

    /** What a chunk is doing. */
    public enum State {
        /** Held by the user (or by a tcache as its own table). */
        IN_USE,
        /** Free, in a thread's cache; looks in use to its neighbours. */
        TCACHE,
        /** Free, in a fast bin; looks in use to its neighbours. */
        FAST,
        /** Free, not yet sorted into a bin. */
        UNSORTED,
        /** Free, in a bin of one size. */
        SMALL,
        /** Free, in a bin of a range of sizes. */
        LARGE,
        /** The end of the arena, from which chunks are cut. */
        TOP,
        /** A mapping of its own, held by the user. */
        MMAPPED,
        /** A header that closes an area which the arena can no longer extend. */
        FENCEPOST
    }

    /** What the user of this chunk holds, or would hold. */
    public long mem() {
        return address + 16;
    }
}
