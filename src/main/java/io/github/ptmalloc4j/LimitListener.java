package io.github.ptmalloc4j;

/** Hears that a heap comes near its limit; see {@link HeapBuilder#onNearLimit}. */
@FunctionalInterface
public interface LimitListener {
    /**
     * Called in a virtual thread of its own, which holds nothing of the heap: it may allocate, free, trim and close. The heap
     * may meanwhile have come nearer still, or gone back.
     *
     * @param mapped accessible bytes when the threshold was reached
     * @param limit accessible bytes at most
     */
    void nearLimit(long mapped, long limit);
}
