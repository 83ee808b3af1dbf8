package io.github.ptmalloc4j.ptmalloc;

/**
 * Hears what happens in the engine now and then, never on a path that a cache answers. Called by the thread whose call it is:
 * do little, and do not call the heap.
 */
public interface MallocObserver {
    /** Hears nothing. */
    MallocObserver NONE = new MallocObserver() {};

    /**
     * An arena was made. The caller holds a lock of the engine.
     *
     * @param index its number, from 1 on: the main arena was there before
     */
    default void arenaCreated(int index) {}

    /**
     * A request found no memory. The caller holds no lock.
     *
     * @param bytes what was asked for; unsigned
     */
    default void outOfMemory(long bytes) {}

    /**
     * A request was chosen by {@link Malloc#sample}. The caller holds no lock.
     *
     * @param bytes what was asked for
     * @param weight what the thread asked for since it was chosen last, this request included
     */
    default void sampled(long bytes, long weight) {}
}
