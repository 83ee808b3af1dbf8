package io.github.ptmalloc4j.benchmarks.jmh;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;

/** A server whose threads inherit the blocks of dead ones. The time includes filling the slots: a fiftieth of the allocations
 * with 5000 slots. */
public class Larson extends OnThreaded {
    private static final int OPERATIONS = 1_000_000;

    /** That run at a time. */
    @Param({"1", "2"})
    public int threads;

    /** Blocks that each thread holds. */
    @Param({"1000", "5000"})
    public int slots;

    @Override
    String workloadName() {
        return "larson " + threads + " " + slots;
    }

    /** As many operations as are worth the start of threads. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object run() {
        return runWorkload(OPERATIONS);
    }
}
