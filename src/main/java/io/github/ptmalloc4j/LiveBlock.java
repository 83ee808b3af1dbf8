package io.github.ptmalloc4j;

import java.util.List;

/**
 * A block that was allocated and not given back, as {@link HeapBuilder#findLeaks} remembers it.
 *
 * @param address where it is
 * @param bytes what was asked for
 * @param weight how many allocated bytes it stands for: its own if every block is remembered
 * @param number counts the remembered blocks of the heap, from 1 on
 * @param thread the name of the thread that allocated it
 * @param stack who allocated it: up to 32 frames, the innermost outside this library first
 */
public record LiveBlock(
        long address, long bytes, long weight, long number, String thread, List<StackTraceElement> stack) {}
