package io.github.ptmalloc4j.lab.replay;

import io.github.ptmalloc4j.os.Os;

/** Passes every call on to another {@link Os} and reports to a {@link Footprint} what came of it. */
final class CountingOs implements Os {
    private final Os os;
    private final Footprint footprint;

    CountingOs(Os os, Footprint footprint) {
        this.os = os;
        this.footprint = footprint;
    }

    @Override
    public long mmap(long address, long length, int protection, int flags) {
        footprint.systemCall();
        long mapping = os.mmap(address, length, protection, flags);
        if (mapping != MAP_FAILED && protection != PROT_NONE) {
            footprint.mapped(mapping, length);
        }
        return mapping;
    }

    @Override
    public boolean munmap(long address, long length) {
        footprint.systemCall();
        boolean done = os.munmap(address, length);
        if (done) {
            footprint.unmapped(address, length);
        }
        return done;
    }

    @Override
    public long mremap(long address, long oldLength, long newLength) {
        footprint.systemCall();
        long mapping = os.mremap(address, oldLength, newLength);
        if (mapping != MAP_FAILED) {
            footprint.unmapped(address, oldLength);
            footprint.mapped(mapping, newLength);
        }
        return mapping;
    }

    @Override
    public boolean mprotect(long address, long length, int protection) {
        footprint.systemCall();
        return os.mprotect(address, length, protection);
    }

    @Override
    public boolean madvise(long address, long length, int advice) {
        footprint.systemCall();
        return os.madvise(address, length, advice);
    }

    @Override
    public long sbrk(long increment) {
        if (increment != 0) { // The C library answers sbrk(0) itself.
            footprint.systemCall();
        }
        return os.sbrk(increment);
    }

    @Override
    public long random() {
        footprint.systemCall();
        return os.random();
    }
}
