package io.github.ptmalloc4j.benchmarks.jmh;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/** One block that grows from 16 bytes to 16 MiB by doubling, written. An operation is a growth; arenas and direct buffers copy. */
public class ReallocGrowth extends OnEvery {
    private static final int OPERATIONS = 1;

    @Override
    String workloadName() {
        return "realloc-growth";
    }

    /** A run. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object run() {
        return runWorkload(OPERATIONS);
    }
}
