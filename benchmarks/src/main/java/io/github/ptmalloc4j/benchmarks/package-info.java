/**
 * What the heap costs, in time and in memory, beside glibc's malloc called from C.
 *
 * <p>A {@link io.github.ptmalloc4j.benchmarks.workloads.Workload} is the same sequence of draws here and in {@code workloads.c};
 * {@link io.github.ptmalloc4j.benchmarks.ThreadsReport} runs both side by side.
 */
package io.github.ptmalloc4j.benchmarks;
