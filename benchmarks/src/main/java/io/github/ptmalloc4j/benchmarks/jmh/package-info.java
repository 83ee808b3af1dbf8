/** The benchmarks, named after the workloads of the field. */
package io.github.ptmalloc4j.benchmarks.jmh;
