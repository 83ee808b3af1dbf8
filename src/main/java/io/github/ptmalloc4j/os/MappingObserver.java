package io.github.ptmalloc4j.os;

/**
 * Hears what a {@link MeteredOs} has done. Called behind the system call, by the thread that made it, which may hold locks of
 * an allocator: do little, and do not call that allocator. Bytes are those that became accessible or were given back.
 */
public interface MappingObserver {
    /** Hears nothing. */
    MappingObserver NONE = new MappingObserver() {};

    /** A new mapping is there. */
    default void mapped(long address, long bytes) {}

    /** A mapping, or a part of one, is gone. */
    default void unmapped(long address, long bytes) {}

    /** More of what was there is accessible: the break went up, reserved pages were opened, a mapping became longer. */
    default void grown(long address, long bytes) {}

    /** Pages were given back while their addresses stay: the break went down, a mapping became shorter, advice was taken. */
    default void trimmed(long address, long bytes) {}

    /** The limit refused a call that needed so many bytes more. */
    default void refused(long bytes) {}

    /** From below {@link MeteredOs#warning} to it or above. Heard once for each time this happens. */
    default void nearLimit(long mapped) {}
}
