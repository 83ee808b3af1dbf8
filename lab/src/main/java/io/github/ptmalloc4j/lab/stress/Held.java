package io.github.ptmalloc4j.lab.stress;

/**
 * A block that somebody holds, filled with the pattern of its owner.
 *
 * @param mem its address
 * @param bytes its size as it was asked for
 * @param owner the number of the worker that filled it
 */
record Held(long mem, long bytes, int owner) {}
