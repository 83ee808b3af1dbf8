/** {@code ptmalloc4j record}: a program, started under heaptrack, becomes a trace. */
package io.github.ptmalloc4j.lab.record;
