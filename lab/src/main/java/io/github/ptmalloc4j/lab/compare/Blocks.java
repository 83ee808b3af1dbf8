package io.github.ptmalloc4j.lab.compare;

/**
 * What a replay in Java asks of an allocator: blocks that are named by slots, because not every allocator gives addresses. Where
 * a call is refused, the slot stays as it was.
 */
abstract class Blocks implements AutoCloseable {
    /** A block of at least so many bytes, contents undefined; whether there is one. */
    abstract boolean malloc(int slot, long bytes);

    /** A block of zeros; whether there is one. */
    abstract boolean calloc(int slot, long count, long bytes);

    /** A block at a multiple of {@code alignment} bytes; whether there is one. */
    abstract boolean memalign(int slot, long alignment, long bytes);

    /** Makes the block of the slot, or a new one if it has none, so many bytes long; to 0 bytes frees it. Whether it is done. */
    abstract boolean realloc(int slot, long bytes);

    /** Gives the block of the slot back; nothing if it has none or the slot is −1. */
    abstract void free(int slot);

    /** Where the block of a slot begins; 0 if it has none. */
    abstract long address(int slot);

    /** malloc_trim(3), where there is one. */
    void trim(long pad) {}

    /** mallopt(3), where there is one. */
    void mallopt(int parameter, int value) {}

    @Override
    public void close() {}
}
