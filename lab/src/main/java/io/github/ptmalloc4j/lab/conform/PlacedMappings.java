package io.github.ptmalloc4j.lab.conform;

import io.github.ptmalloc4j.lab.kernel.ForwardingOs;
import io.github.ptmalloc4j.os.Os;

/**
 * The kernel, which for once puts a mapping where it is told.
 *
 * <p>A chunk aligned to more than a page lies somewhere in its mapping, and where depends on the address that the kernel
 * chose. So that sizes stay comparable, the mapping is put to an address that equals the oracle's modulo
 * {@link #ALIGNMENT}.
 */
final class PlacedMappings extends ForwardingOs {
    /** Addresses agree with the oracle's modulo this: bytes. */
    static final long ALIGNMENT = 32L << 20;

    private static final long ANYWHERE = -1;

    private long wanted = ANYWHERE;
    private boolean exhausted;

    PlacedMappings(Os kernel) {
        super(kernel);
    }

    /** The next mapping goes to an address like {@code address}. */
    void placeLike(long address) {
        wanted = address;
    }

    /** Mappings go where the kernel likes. */
    void placeAnywhere() {
        wanted = ANYWHERE;
    }

    /** Whether from now on nothing can be mapped nor grow. */
    void exhaust(boolean now) {
        exhausted = now;
    }

    @Override
    public long mmap(long address, long length, int protection, int flags) {
        if (exhausted && (flags & MAP_FIXED) == 0) {
            return MAP_FAILED;
        }
        // What cannot be read is a heap to be, and aligned anyway.
        if (wanted == ANYWHERE || address != 0 || protection == PROT_NONE) {
            return super.mmap(address, length, protection, flags);
        }
        long room = super.mmap(0, length + ALIGNMENT, PROT_NONE, MAP_NORESERVE);
        if (room == MAP_FAILED) {
            return MAP_FAILED;
        }
        long before = wanted - room & ALIGNMENT - 1;
        wanted = ANYWHERE;
        if (before > 0) {
            super.munmap(room, before);
        }
        super.munmap(room + before + length, ALIGNMENT - before);
        return super.mmap(room + before, length, protection, flags | MAP_FIXED);
    }

    @Override
    public long mremap(long address, long oldLength, long newLength) {
        return exhausted && newLength > oldLength ? MAP_FAILED : super.mremap(address, oldLength, newLength);
    }
}
