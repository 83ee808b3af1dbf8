package io.github.ptmalloc4j.lab.stress;

import io.github.ptmalloc4j.ptmalloc.Tunables;

/**
 * How the mixes are to be run.
 *
 * @param seconds for all mixes together; each runs at least one round
 * @param threads that use the heap at a time
 * @param virtual whether they are virtual threads
 * @param seed from which all random choices come
 * @param tunables of each heap
 */
public record StressPlan(double seconds, int threads, boolean virtual, long seed, Tunables tunables) {}
