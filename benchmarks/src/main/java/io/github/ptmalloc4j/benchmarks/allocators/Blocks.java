package io.github.ptmalloc4j.benchmarks.allocators;

/**
 * Blocks of one allocator in numbered slots, which are empty at first. What lies in a slot is what the allocator hands out:
 * an address, a segment with its arena, a buffer.
 *
 * <p>Different threads may use different slots at the same time. Offsets and sizes are in bytes and not checked. What finds
 * no memory throws {@link OutOfMemoryError}.
 */
public interface Blocks {
    /** Puts a new block into a slot. What was there is lost. */
    void allocate(int slot, long bytes);

    /** As {@link #allocate}, all bytes 0. */
    void allocateZeroed(int slot, long bytes);

    /**
     * As {@link #allocate}, at an address that is a multiple of {@code alignment}, a power of two.
     *
     * @throws UnsupportedOperationException if the allocator does not align
     */
    void allocateAligned(int slot, long bytes, long alignment);

    /** The same contents in a block of another size; allocates if the slot is empty. */
    void reallocate(int slot, long bytes);

    /** Frees the block and empties the slot. Does nothing if it is empty. */
    void free(int slot);

    /** Whether nothing is in a slot. */
    boolean isEmpty(int slot);

    /** Exchanges a block with one of another set, atomically as far as the other set's slot is concerned. */
    void exchange(int slot, Blocks other, int otherSlot);

    /** Where the block is: its address. */
    long address(int slot);

    /** Writes a byte. */
    void putByte(int slot, long offset, byte value);

    /** Writes eight bytes in native order. */
    void putLong(int slot, long offset, long value);

    /** Reads what {@link #putLong} wrote. */
    long getLong(int slot, long offset);

    /** Sets the bytes from one offset to before another to 1. */
    void fill(int slot, long from, long to);

    /** Sets the first {@code bytes} bytes to 1. */
    default void fill(int slot, long bytes) {
        fill(slot, 0, bytes);
    }

    /** {@link #allocate} and two bytes written. */
    default void allocateTouched(int slot, long bytes) {
        allocate(slot, bytes);
        putByte(slot, 0, (byte) 1);
        putByte(slot, 1, (byte) 2);
    }

    /** {@link #allocate} and all bytes written. */
    default void allocateFilled(int slot, long bytes) {
        allocate(slot, bytes);
        fill(slot, bytes);
    }

    /** Frees what is in the slots from one to before another. */
    default void freeAll(int from, int to) {
        for (int slot = from; slot < to; slot++) {
            free(slot);
        }
    }
}
