package io.github.ptmalloc4j.benchmarks.jmh;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;

/** One thread allocates, another frees. */
public class Xmalloc extends OnThreaded {
    private static final int OPERATIONS = 409_600;

    /** Of a block; 0: 17 sizes up to 2048. */
    @Param({"64", "0"})
    public int bytes;

    @Override
    String workloadName() {
        return "xmalloc " + bytes;
    }

    /** A run. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object run() {
        return runWorkload(OPERATIONS);
    }
}
