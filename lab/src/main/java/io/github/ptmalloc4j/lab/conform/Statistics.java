package io.github.ptmalloc4j.lab.conform;

import io.github.ptmalloc4j.ptmalloc.Mallinfo2;

/**
 * What a heap says of itself.
 *
 * @param info the ten numbers of mallinfo2
 * @param xml what malloc_info prints
 */
record Statistics(Mallinfo2 info, String xml) {}
