package io.github.ptmalloc4j.benchmarks.jmh;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;

/** Whether a thread that frees a block of the main thread then shares a cache line with another. An operation is a write. */
public class CacheScratch extends OnThreaded {
    private static final int OPERATIONS = 2_000_000;

    /** That run at a time. */
    @Param({"1", "2"})
    public int threads;

    @Override
    String workloadName() {
        return "cache-scratch " + threads;
    }

    /** As many operations as are worth the start of threads. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object run() {
        return runWorkload(OPERATIONS);
    }
}
