package io.github.ptmalloc4j.benchmarks.jmh;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/** 64 vectors that grow by turns from 16 to 4096 bytes. An operation is a step of one; arenas and direct buffers copy. */
public class ReallocVectors extends OnEvery {
    private static final int OPERATIONS = 5_120;

    @Override
    String workloadName() {
        return "realloc-vectors";
    }

    /** A run. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object run() {
        return runWorkload(OPERATIONS);
    }
}
