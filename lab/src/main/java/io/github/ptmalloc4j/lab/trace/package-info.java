/**
 * Recorded allocation traces: their operations ({@link io.github.ptmalloc4j.lab.trace.Op}), the trace in memory, and
 * the reader and writer of the malloc lab's {@code .rep} files.
 */
package io.github.ptmalloc4j.lab.trace;
