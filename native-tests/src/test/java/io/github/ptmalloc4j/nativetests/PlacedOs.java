package io.github.ptmalloc4j.nativetests;

import io.github.ptmalloc4j.lab.kernel.ForwardingOs;
import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.PrivateBreak;
import io.github.ptmalloc4j.ptmalloc.Malloc;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import io.github.ptmalloc4j.verify.Maps;
import io.github.ptmalloc4j.verify.Pagemap;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The kernel, asked for mappings in a range of addresses where nobody else maps anything, none of them twice: whatever
 * lies in that range is the heap's.
 */
final class PlacedOs extends ForwardingOs {
    private static final long RANGE = 1L << 40;
    private static final long GAP = 256L << 20;
    private static final long RESERVATION = 1L << 30;
    private static final AtomicLong RANGES = new AtomicLong(0x2000_0000_0000L);

    private final long from = RANGES.getAndAdd(RANGE);
    private final AtomicLong next = new AtomicLong(from);
    private final Queue<String> elsewhere = new ConcurrentLinkedQueue<>();

    PlacedOs() {
        super(Linux.KERNEL);
    }

    /** A heap on this kernel. */
    Malloc heap(Tunables tunables) {
        return new Malloc(this, PrivateBreak.reserve(this, RESERVATION), tunables);
    }

    /** All that the heap has now. */
    List<Maps.Mapping> mappings() {
        return Maps.read().overlapping(from, from + RANGE);
    }

    /** Mappings that the kernel did not put into the range; there should be none. */
    List<String> elsewhere() {
        return List.copyOf(elsewhere);
    }

    /** Bytes of the heap that are in memory. */
    long residentBytes() {
        return mappings().stream()
                        .filter(m -> m.permissions().startsWith("rw"))
                        .mapToLong(m -> Pagemap.of(m.start(), m.end()).resident())
                        .sum()
                * pageSize();
    }

    private long placed(long address, long length) {
        if (address != MAP_FAILED && (address < from || address + length > from + RANGE)) {
            elsewhere.add("0x%x, %d bytes".formatted(address, length));
        }
        return address;
    }

    @Override
    public long mmap(long address, long length, int protection, int flags) {
        long where = address != 0 ? address : next.getAndAdd(Math.ceilDiv(length, GAP) * GAP + GAP);
        return placed(super.mmap(where, length, protection, flags), length);
    }

    @Override
    public long mremap(long address, long oldLength, long newLength) {
        return placed(super.mremap(address, oldLength, newLength), newLength);
    }
}
