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
     * A request was chosen by {@link Malloc#sample} or {@link Malloc#track}. The caller holds no lock.
     *
     * @param mem the block
     * @param bytes what was asked for
     * @param weight how many requested bytes it stands for
     */
    default void sampled(long mem, long bytes, long weight) {}

    /**
     * With {@link Malloc#track}: a block is about to be freed, perhaps one that was sampled. The caller holds no lock.
     *
     * @return what {@link #notFreed} is to be given if it is not freed after all; null if nothing
     */
    default Object freed(long mem) {
        return null;
    }

    /** A block stays as it was. */
    default void notFreed(Object freed) {}
}
