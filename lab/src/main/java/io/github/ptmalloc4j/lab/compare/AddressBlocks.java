package io.github.ptmalloc4j.lab.compare;

/** Blocks of an allocator that gives addresses, 0 for none. */
abstract class AddressBlocks extends Blocks {
    private final long[] address;

    AddressBlocks(int slots) {
        address = new long[slots];
    }

    abstract long malloc(long bytes);

    abstract long calloc(long count, long bytes);

    abstract long memalign(long alignment, long bytes);

    abstract long realloc(long mem, long bytes);

    abstract void free(long mem);

    @Override
    final boolean malloc(int slot, long bytes) {
        return put(slot, malloc(bytes));
    }

    @Override
    final boolean calloc(int slot, long count, long bytes) {
        return put(slot, calloc(count, bytes));
    }

    @Override
    final boolean memalign(int slot, long alignment, long bytes) {
        return put(slot, memalign(alignment, bytes));
    }

    @Override
    final boolean realloc(int slot, long bytes) {
        long mem = realloc(address[slot], bytes);
        if (mem == 0 && bytes != 0) {
            return false;
        }
        address[slot] = mem;
        return true;
    }

    @Override
    final void free(int slot) {
        if (slot < 0) {
            free(0L);
            return;
        }
        free(address[slot]);
        address[slot] = 0;
    }

    @Override
    final long address(int slot) {
        return address[slot];
    }

    private boolean put(int slot, long mem) {
        address[slot] = mem;
        return mem != 0;
    }
}
