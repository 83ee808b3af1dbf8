package io.github.ptmalloc4j.benchmarks.jmh;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/** 20 buffers of 5 to 25 MiB, replaced at random and written. */
public class LargeBuffers extends OnEvery {
    private static final int OPERATIONS = 20;

    @Override
    String workloadName() {
        return "large";
    }

    /** A run. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object run() {
        return runWorkload(OPERATIONS);
    }
}
