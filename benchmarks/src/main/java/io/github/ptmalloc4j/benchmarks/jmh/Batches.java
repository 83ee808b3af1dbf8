package io.github.ptmalloc4j.benchmarks.jmh;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;

/** 1000 blocks, then all freed; an operation is a block. */
public class Batches extends OnEvery {
    private static final int OPERATIONS = 64_000;

    /** Of the frees. */
    @Param({"fifo", "lifo", "random"})
    public String order;

    /** Of a block; 0: mixed sizes, 16 bytes to 32 KiB. */
    @Param({"0", "64"})
    public int bytes;

    @Override
    String workloadName() {
        return "batch " + order + " " + bytes;
    }

    /** A run. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object run() {
        return runWorkload(OPERATIONS);
    }
}
