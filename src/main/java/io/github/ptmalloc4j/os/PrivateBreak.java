package io.github.ptmalloc4j.os;

/**
 * A break inside a range of addresses that was reserved once and belongs to nobody else.
 *
 * <pre>
 *   base            break (rounded up to a page)                 limit
 *   │ rw-p, committed │ ---p, reserved: costs no memory, no swap  │
 * </pre>
 *
 * <p>Growing makes pages accessible with {@code mprotect}. Shrinking maps inaccessible pages over the tail, which gives the
 * old ones back and makes them read as zero when the break returns. Sound in any process, any number per process.
 */
public final class PrivateBreak implements MoreCore {
    /** Below this a range is not worth having: bytes. */
    private static final long SMALLEST = 1L << 20;

    /** No process can address more on x86-64: bytes. */
    private static final long LARGEST = 1L << 47;

    private final Os os;
    private final long base;
    private final long limit;
    private long current;
    private boolean closed;

    private PrivateBreak(Os os, long base, long limit) {
        this.os = os;
        this.base = base;
        this.limit = limit;
        this.current = base;
    }

    /**
     * Reserves a range. Where the address space is limited it takes half as often as need be.
     *
     * @param bytes how far the break may go, rounded up to pages
     * @throws OutOfMemoryError if not even 1 MiB of addresses (or {@code bytes}, if less) is to be had
     */
    public static PrivateBreak reserve(Os os, long bytes) {
        long length = pageUp(os, Math.clamp(bytes, 1, LARGEST));
        long smallest = Math.min(length, SMALLEST);
        for (; length >= smallest; length = pageUp(os, length >> 1)) {
            long base = os.mmap(0, length, Os.PROT_NONE, Os.MAP_NORESERVE);
            if (base != Os.MAP_FAILED) {
                return new PrivateBreak(os, base, base + length);
            }
            if (length == os.pageSize()) {
                break;
            }
        }
        throw new OutOfMemoryError("no range of addresses left to reserve for a heap of " + bytes + " bytes");
    }

    /** Where the range begins. */
    public long base() {
        return base;
    }

    /** Where the range ends: the break can go no further. */
    public long limit() {
        return limit;
    }

    @Override
    public long morecore(long increment) {
        long previous = current;
        long next = previous + increment;
        boolean inRange = next >= base && next <= limit && increment <= limit - base;
        if (inRange && (increment >= 0 ? commit(previous, next) : release(next, previous))) {
            current = next;
            return previous;
        }
        return FAILURE;
    }

    private boolean commit(long from, long to) {
        long first = pageUp(os, from);
        long end = pageUp(os, to);
        return first == end || os.mprotect(first, end - first, Os.PROT_READ | Os.PROT_WRITE);
    }

    private boolean release(long from, long to) {
        long first = pageUp(os, from);
        long end = pageUp(os, to);
        return first == end
                || os.mmap(first, end - first, Os.PROT_NONE, Os.MAP_NORESERVE | Os.MAP_FIXED) != Os.MAP_FAILED;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            os.munmap(base, limit - base);
        }
    }

    private static long pageUp(Os os, long value) {
        return value + os.pageSize() - 1 & -os.pageSize();
    }
}
