package io.github.ptmalloc4j.lab.conform;

/**
 * What came back from one operation, the five words of the oracle's protocol.
 *
 * @param address of the block, from the start of the main heap or of its arena's heap; of an mmapped chunk the absolute one;
 *     0 where the call failed. For calls that return a number, that number
 * @param usable bytes, malloc_usable_size
 * @param head the size word of the chunk with its flags, or the error that posix_memalign returned
 * @param foot how far an mmapped chunk lies in its mapping, in bytes; of a chunk in the heap of an arena that is not the
 *     main one, which arena (see {@link ArenaHeaps}) and which of its heaps
 * @param brk the position of the break, in bytes from its start
 */
record Answer(long address, long usable, long head, long foot, long brk) {
    /** How many words an answer is. */
    static final int WORDS = 5;

    private static final int MMAPPED = 2;
    private static final int NON_MAIN_ARENA = 4;
    private static final long PAGE_MASK = 4095;

    boolean mmapped() {
        return address != 0 && usable != 0 && (head & MMAPPED) != 0;
    }

    /** Whether the chunk lies in a heap of an arena that is not the main one. */
    boolean inArenaHeap() {
        return address != 0 && usable != 0 && (head & (MMAPPED | NON_MAIN_ARENA)) == NON_MAIN_ARENA;
    }

    /** Whether the chunk lies in the part of the address space that the break moves in, so that its offset means something. */
    private boolean near() {
        return address >= 0 && address < BreakKind.RESERVATION;
    }

    /** Whether the chunk was cut from an area that the arena mapped because the break could not rise. */
    boolean elsewhere() {
        return usable != 0 && !mmapped() && !near();
    }

    /** Whether both are the same as far as they can be: where the kernel puts a mapping is nobody's choice. */
    boolean agrees(Answer other) {
        return usable == other.usable
                && head == other.head
                && foot == other.foot
                && brk == other.brk
                && elsewhere() == other.elsewhere()
                && (address & comparable()) == (other.address & comparable());
    }

    /** The bits of the address that are not the kernel's choice. */
    private long comparable() {
        return mmapped() ? PAGE_MASK : elsewhere() ? PlacedMappings.ALIGNMENT - 1 : -1;
    }

    @Override
    public String toString() {
        String where = "0x%x".formatted(address);
        if (mmapped()) {
            where = "mmapped, offset 0x%x in its page, 0x%x in its mapping".formatted(address & PAGE_MASK, foot);
        } else if (inArenaHeap()) {
            where = "0x%x in %s".formatted(address, ArenaHeaps.text(foot));
        }
        return "%s, usable %d, size word 0x%x, break 0x%x".formatted(where, usable, head, brk);
    }
}
