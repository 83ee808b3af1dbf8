package io.github.ptmalloc4j;

/**
 * A heap as a management bean sees it, by the name {@code io.github.ptmalloc4j:type=Heap,name=…}; see
 * {@link Ptmalloc#registerMBean}. Sizes are in bytes, defined in {@link HeapSnapshot}.
 */
public interface HeapMXBean {
    /** The heap's name. */
    String getName();

    /** Chunks that users hold. */
    long getInUse();

    /** Pages that may be read and written. */
    long getMapped();

    /** Pages in memory; −1 where the kernel does not tell. */
    long getResident();

    /** Mapped bytes at most; −1 if there is no limit. */
    long getLimit();

    /** Free bytes below the tops, as a part of all bytes there: 0 to 1. */
    double getFragmentation();

    /** All numbers at one moment. */
    HeapSnapshot snapshot();

    /**
     * Gives free memory back to the system.
     *
     * @param pad bytes of top to keep
     * @return whether anything was given back
     */
    boolean trim(long pad);

    /** What malloc_info(3) prints: XML. */
    String mallocInfo();
}
