package io.github.ptmalloc4j;

import java.lang.foreign.Arena;

/**
 * A {@link java.lang.foreign.Arena} that takes its memory from a heap. Its segments are zeroed and go back to the heap
 * together, when it is closed; close it before the heap.
 *
 * <p>Made by {@link HeapSegments#confined()}, {@link HeapSegments#bump()} and {@link HeapSegments#shared()}, which say what each
 * promises.
 */
public interface Lifetime extends Arena, SegmentSource {}
