/** A profiler for JMH, for this project's benchmarks and anybody's. */
package io.github.ptmalloc4j.benchmarks.prof;
