package io.github.ptmalloc4j.benchmarks.jmh;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;

/** One zeroed block at a time. */
public class Calloc extends OnEvery {
    private static final int OPERATIONS = 10_000;

    /** Of the block, in bytes. */
    @Param({"64", "4096", "65536"})
    public int bytes;

    @Override
    String workloadName() {
        return "calloc " + bytes;
    }

    /** A run. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object run() {
        return runWorkload(OPERATIONS);
    }
}
