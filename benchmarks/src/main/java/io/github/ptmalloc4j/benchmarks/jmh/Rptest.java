package io.github.ptmalloc4j.benchmarks.jmh;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;

/** rpmalloc's benchmark: medium sizes, some aligned, a third of them freed by another thread. */
public class Rptest extends OnRptest {
    private static final int OPERATIONS = 100_000;

    /** That run at a time. */
    @Param({"1", "2"})
    public int threads;

    @Override
    String workloadName() {
        return "rptest " + threads;
    }

    /** As many operations as are worth the start of threads. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object run() {
        return runWorkload(OPERATIONS);
    }
}
