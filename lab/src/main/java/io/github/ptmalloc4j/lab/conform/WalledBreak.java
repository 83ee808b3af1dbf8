package io.github.ptmalloc4j.lab.conform;

import io.github.ptmalloc4j.os.MoreCore;

/** A break before which a wall can be put, as when a mapping lies in the way of the program break. */
final class WalledBreak implements MoreCore {
    private static final long PAGE = 4096;

    private final MoreCore inner;
    private long limit = Long.MAX_VALUE;
    private boolean exhausted;

    WalledBreak(MoreCore inner) {
        this.inner = inner;
    }

    /** Lets the break rise to where the oracle's starts modulo {@link PlacedMappings#ALIGNMENT}, and returns that address. */
    long align() {
        inner.morecore(-inner.morecore(0) & PlacedMappings.ALIGNMENT - 1);
        return inner.morecore(0);
    }

    /** From now on the break rises by no more than {@code room} bytes, rounded up to a page. */
    void wall(long room) {
        limit = Math.min(limit, pageUp(inner.morecore(0) + room));
    }

    /** Whether from now on the break rises no further than to the end of its page. */
    void exhaust(boolean now) {
        exhausted = now;
    }

    @Override
    public long morecore(long increment) {
        if (increment > 0 && pageUp(inner.morecore(0) + increment) > limit()) {
            return FAILURE;
        }
        return inner.morecore(increment);
    }

    private long limit() {
        return exhausted ? Math.min(limit, pageUp(inner.morecore(0))) : limit;
    }

    @Override
    public void close() {
        inner.close();
    }

    private static long pageUp(long address) {
        return address + PAGE - 1 & -PAGE;
    }
}
