package io.github.ptmalloc4j.benchmarks.jmh;

import io.github.ptmalloc4j.benchmarks.workloads.Workload.Outcome;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/** 100,000 blocks of mixed sizes, replaced at random and written. The time includes filling and emptying. Memory is in the secondary results; an allocator that was filled by the invocation before grows less. */
public class Churn extends OnMany {
    private static final int OPERATIONS = 1_000_000;
    private static final int BLOCKS = 100_000;

    @Override
    String workloadName() {
        return "churn " + shortened(BLOCKS);
    }

    /** A run. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Outcome run(Footprint footprint) {
        return footprint.of(() -> runWorkload(OPERATIONS));
    }
}
