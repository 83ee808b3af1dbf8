package io.github.ptmalloc4j.benchmarks.jmh;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;

/** One block at a time, aligned to its size. */
public class Aligned extends OnAligning {
    private static final int OPERATIONS = 10_000;

    /** Of the block, in bytes. */
    @Param({"64", "4096"})
    public int bytes;

    @Override
    String workloadName() {
        return "aligned " + bytes;
    }

    /** A run. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object run() {
        return runWorkload(OPERATIONS);
    }
}
