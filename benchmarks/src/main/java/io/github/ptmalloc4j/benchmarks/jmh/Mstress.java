package io.github.ptmalloc4j.benchmarks.jmh;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;

/** mimalloc-bench's mstress: blocks that migrate between threads, some of them large; contents are verified. */
public class Mstress extends OnThreaded {
    private static final int OPERATIONS = 225_000;

    /** That run at a time. */
    @Param({"1", "2"})
    public int threads;

    @Override
    String workloadName() {
        return "mstress " + threads;
    }

    /** As many operations as are worth the start of threads. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object run() {
        return runWorkload(OPERATIONS);
    }
}
