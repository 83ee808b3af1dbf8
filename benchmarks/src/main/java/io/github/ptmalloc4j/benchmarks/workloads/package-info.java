/** The workloads: the same draws and calls here on any allocator and in {@code workloads.c} on the C library's. */
package io.github.ptmalloc4j.benchmarks.workloads;
