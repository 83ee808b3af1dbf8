package io.github.ptmalloc4j.benchmarks.jmh;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;

/** glibc's bench-malloc-thread: mostly tiny blocks exchanged in 1024 slots of each thread. */
public class GlibcThread extends OnMany {
    private static final int OPERATIONS = 1_000_000;

    /** That run at a time. */
    @Param({"1", "2"})
    public int threads;

    @Override
    String workloadName() {
        return "glibc-thread " + threads;
    }

    /** As many operations as are worth the start of threads. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object run() {
        return runWorkload(OPERATIONS);
    }
}
