package io.github.ptmalloc4j.benchmarks.jmh;

import io.github.ptmalloc4j.benchmarks.workloads.Workload.Outcome;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/** Small blocks, nine in ten freed, then larger ones until as much is live as before. An operation is an allocation or a free, the
 * last ones apart. Memory is in the secondary results; an allocator that was filled by the invocation before grows less. */
public class SizePhase extends OnMany {
    private static final int OPERATIONS = 1_485_000;
    private static final int BLOCKS = 700_000;

    @Override
    String workloadName() {
        return "phase " + shortened(BLOCKS);
    }

    /** A run. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Outcome run(Footprint footprint) {
        return footprint.of(() -> runWorkload(OPERATIONS));
    }
}
