package io.github.ptmalloc4j.lab.replay;

import io.github.ptmalloc4j.os.MoreCore;

/** Passes every move of a break on and reports it to a {@link Footprint}. */
final class CountingMoreCore implements MoreCore {
    private final MoreCore moreCore;
    private final Footprint footprint;

    CountingMoreCore(MoreCore moreCore, Footprint footprint) {
        this.moreCore = moreCore;
        this.footprint = footprint;
    }

    @Override
    public long morecore(long increment) {
        long previous = moreCore.morecore(increment);
        if (previous != FAILURE) {
            footprint.breakMoved(increment);
        }
        return previous;
    }

    @Override
    public void close() {
        moreCore.close();
    }
}
