package io.github.ptmalloc4j.benchmarks.jmh;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;

/** glibc's bench-malloc-simple as mimalloc-bench has it: many blocks of a size, written, freed half forwards and half backwards. */
public class GlibcSimple extends OnEvery {
    private static final int OPERATIONS = 16_000;

    /** Of the block, in bytes. */
    @Param({"16", "64"})
    public int bytes;

    /** Blocks at a time. */
    @Param({"25", "100", "400", "1600"})
    public int count;

    @Override
    String workloadName() {
        return "glibc-simple " + bytes + " " + count;
    }

    /** A run. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object run() {
        return runWorkload(OPERATIONS);
    }
}
