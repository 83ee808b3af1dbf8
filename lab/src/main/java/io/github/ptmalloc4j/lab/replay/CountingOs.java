package io.github.ptmalloc4j.lab.replay;

import io.github.ptmalloc4j.lab.kernel.ForwardingOs;
import io.github.ptmalloc4j.os.Os;

/** Reports to a {@link Footprint} what came of each call. */
final class CountingOs extends ForwardingOs {
    private final Footprint footprint;
    private final Os os;

    CountingOs(Os os, Footprint footprint) {
        super(os);
        this.os = os;
        this.footprint = footprint;
    }

    @Override
    protected void called(String name, boolean refused) {
        footprint.systemCall();
    }

    @Override
    public long mmap(long address, long length, int protection, int flags) {
        long mapping = super.mmap(address, length, protection, flags);
        if (mapping != MAP_FAILED && protection != PROT_NONE) {
            footprint.mapped(mapping, length);
        }
        return mapping;
    }

    @Override
    public boolean munmap(long address, long length) {
        boolean done = super.munmap(address, length);
        if (done) {
            footprint.unmapped(address, length);
        }
        return done;
    }

    @Override
    public long mremap(long address, long oldLength, long newLength) {
        long mapping = super.mremap(address, oldLength, newLength);
        if (mapping != MAP_FAILED) {
            footprint.unmapped(address, oldLength);
            footprint.mapped(mapping, newLength);
        }
        return mapping;
    }

    /** The C library answers {@code sbrk(0)} itself: that is no system call. */
    @Override
    public long sbrk(long increment) {
        return increment == 0 ? os.sbrk(0) : super.sbrk(increment);
    }
}
