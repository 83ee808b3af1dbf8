package io.github.ptmalloc4j.os;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what passes through it to another {@link Os}: calls, addresses, and bytes that are accessible; and keeps the latter
 * below a limit. What would go beyond it fails as the kernel fails when it has no memory, and nothing has changed.
 *
 * <p>The count of accessible bytes is raised before a call that maps and lowered after one that unmaps, so that at no moment
 * more is mapped than it says; when no call is under way it is exact. It counts whole pages, touched or not. Addresses that
 * are reserved without access are free of charge.
 *
 * <p>Safe for any number of threads, as long as no two change the same mapping at a time.
 */
public final class MeteredOs implements Os {
    /** In place of a limit or a warning: none. */
    public static final long NONE = Long.MAX_VALUE;

    private final Os os;
    private final long limit;
    private final long warning;
    private final MappingObserver observer;

    private final AtomicLong mapped = new AtomicLong();
    private final AtomicBoolean warned = new AtomicBoolean();
    private final AddressRanges reserved = new AddressRanges();
    private final AddressRanges accessible = new AddressRanges();

    private final LongAdder mmaps = new LongAdder();
    private final LongAdder munmaps = new LongAdder();
    private final LongAdder mremaps = new LongAdder();
    private final LongAdder mprotects = new LongAdder();
    private final LongAdder madvises = new LongAdder();
    private final LongAdder sbrks = new LongAdder();
    private final LongAdder refusals = new LongAdder();

    /**
     * Counts and limits.
     *
     * @param os whom to pass the calls on to
     * @param limit accessible bytes at most; {@link #NONE}
     * @param warning accessible bytes from which on {@link MappingObserver#nearLimit} is told; {@link #NONE}
     */
    public MeteredOs(Os os, long limit, long warning, MappingObserver observer) {
        this.os = os;
        this.limit = limit;
        this.warning = warning;
        this.observer = observer;
    }

    /** Accessible bytes at most; {@link #NONE}. */
    public long limit() {
        return limit;
    }

    /** Accessible bytes from which on the limit is near; {@link #NONE}. */
    public long warning() {
        return warning;
    }

    /** Bytes of pages that may be read and written. */
    public long mapped() {
        return mapped.get();
    }

    /** Bytes of addresses that are taken, accessible or not. */
    public long reserved() {
        return reserved.bytes();
    }

    /**
     * Bytes of the accessible pages that are in memory, as the kernel says now. Reads a word for each accessible page: some
     * milliseconds for each GiB.
     *
     * @return −1 where /proc/self/pagemap cannot be read, as in a sandbox without /proc
     */
    public long resident() {
        return ResidentPages.bytes(accessible.ranges(), pageSize());
    }

    /** How often the limit refused a call. */
    public long refusals() {
        return refusals.sum();
    }

    /** How often each call was made. */
    public SystemCalls systemCalls() {
        return new SystemCalls(mmaps.sum(), munmaps.sum(), mremaps.sum(), mprotects.sum(), madvises.sum(), sbrks.sum());
    }

    /** The accessible ranges in order of address: start and end of each, neighbours as one. */
    public long[][] accessibleRanges() {
        return accessible.ranges();
    }

    /** The ranges of addresses that are taken, as {@link #accessibleRanges}. */
    public long[][] reservedRanges() {
        return reserved.ranges();
    }

    @Override
    public long pageSize() {
        return os.pageSize();
    }

    @Override
    public long mmap(long address, long length, int protection, int flags) {
        // Only a mapping at a fixed address can replace what was there.
        long before = (flags & MAP_FIXED) == 0 ? 0 : accessible.bytesIn(address, address + length);
        long after = protection == PROT_NONE ? 0 : length;
        if (!claim(after - before)) {
            return MAP_FAILED;
        }
        mmaps.increment();
        long start = MAP_FAILED;
        try {
            start = os.mmap(address, length, protection, flags);
        } finally {
            settle(after - before, start != MAP_FAILED);
        }
        if (start != MAP_FAILED) {
            reserved.add(start, start + length);
            setAccess(start, start + length, protection);
            if (after != 0) {
                observer.mapped(start, length);
            } else if (before != 0) {
                observer.trimmed(start, before);
            }
        }
        return start;
    }

    @Override
    public boolean munmap(long address, long length) {
        // Before the call: behind it the addresses may be somebody else's at once.
        long[][] addresses = reserved.remove(address, address + length);
        long[][] pages = accessible.remove(address, address + length);
        long bytes = AddressRanges.bytes(pages);
        munmaps.increment();
        boolean done = false;
        try {
            done = os.munmap(address, length);
        } finally {
            if (!done) {
                reserved.addAll(addresses);
                accessible.addAll(pages);
            }
            settle(-bytes, done);
        }
        if (done && bytes != 0) {
            observer.unmapped(address, bytes);
        }
        return done;
    }

    @Override
    public long mremap(long address, long oldLength, long newLength) {
        long more = newLength - oldLength;
        if (!claim(more)) {
            return MAP_FAILED;
        }
        reserved.remove(address, address + oldLength);
        accessible.remove(address, address + oldLength);
        mremaps.increment();
        long start = MAP_FAILED;
        try {
            start = os.mremap(address, oldLength, newLength);
        } finally {
            boolean done = start != MAP_FAILED;
            long now = done ? start : address;
            long end = now + (done ? newLength : oldLength);
            reserved.add(now, end);
            accessible.add(now, end);
            settle(more, done);
        }
        if (start != MAP_FAILED) {
            tellResized(start, more);
        }
        return start;
    }

    private void tellResized(long start, long more) {
        if (more > 0) {
            observer.grown(start, more);
        } else if (more < 0) {
            observer.trimmed(start, -more);
        }
    }

    @Override
    public boolean mprotect(long address, long length, int protection) {
        long before = accessible.bytesIn(address, address + length);
        long more = (protection == PROT_NONE ? 0 : length) - before;
        if (!claim(more)) {
            return false;
        }
        mprotects.increment();
        boolean done = false;
        try {
            done = os.mprotect(address, length, protection);
        } finally {
            settle(more, done);
        }
        if (done) {
            setAccess(address, address + length, protection);
            tellResized(address, more);
        }
        return done;
    }

    @Override
    public boolean madvise(long address, long length, int advice) {
        madvises.increment();
        boolean done = os.madvise(address, length, advice);
        if (done && advice == MADV_DONTNEED) {
            observer.trimmed(address, length);
        }
        return done;
    }

    /** Somebody else's moves of the program break are not seen. */
    @Override
    public long sbrk(long increment) {
        if (increment == 0) {
            return os.sbrk(0);
        }
        // Where the break is in its page is not known yet: more than this it cannot be.
        long most = increment > 0 ? pageUp(increment) : 0;
        if (!claim(most)) {
            return MAP_FAILED;
        }
        sbrks.increment();
        long previous = MAP_FAILED;
        try {
            previous = os.sbrk(increment);
        } finally {
            settle(most, previous != MAP_FAILED);
        }
        if (previous != MAP_FAILED) {
            breakMoved(pageUp(previous), pageUp(previous + increment), most);
        }
        return previous;
    }

    private void breakMoved(long from, long to, long claimed) {
        if (from <= to) {
            reserved.add(from, to);
            accessible.add(from, to);
        } else {
            reserved.remove(to, from);
            accessible.remove(to, from);
        }
        settle(to - from - claimed, true);
        tellResized(Math.min(from, to), to - from);
    }

    @Override
    public long random() {
        return os.random();
    }

    private void setAccess(long from, long to, int protection) {
        if (protection == PROT_NONE) {
            accessible.remove(from, to);
        } else {
            accessible.add(from, to);
        }
    }

    private long pageUp(long value) {
        return value + pageSize() - 1 & -pageSize();
    }

    /** Before a call: counts what it will add, if the limit allows it. */
    private boolean claim(long more) {
        if (more <= 0) {
            return true;
        }
        long before;
        do {
            before = mapped.get();
            if (more > limit - before) {
                refusals.increment();
                observer.refused(more);
                return false;
            }
        } while (!mapped.compareAndSet(before, before + more));
        return true;
    }

    /** After the call: counts what it took away, or takes back the claim of one that failed. */
    private void settle(long change, boolean done) {
        if (done && change >= 0) {
            if (mapped.get() >= warning && warned.compareAndSet(false, true)) {
                observer.nearLimit(mapped.get());
            }
        } else if (mapped.addAndGet(done ? change : -Math.max(change, 0)) < warning) {
            warned.set(false);
        }
    }
}
