/**
 * {@code ptmalloc4j replay}: a trace on fresh heaps, once and again for the time
 * ({@link io.github.ptmalloc4j.lab.replay.TimedPass}), once with every block filled and checked
 * ({@link io.github.ptmalloc4j.lab.replay.CheckedPass}).
 */
package io.github.ptmalloc4j.lab.replay;
