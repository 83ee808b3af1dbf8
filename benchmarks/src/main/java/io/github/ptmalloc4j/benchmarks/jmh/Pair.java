package io.github.ptmalloc4j.benchmarks.jmh;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** One block allocated, its first byte written, and freed. Takes {@code -t THREADS}. */
public class Pair extends OnEvery {
    /** Of the block, in bytes. */
    @Param({"16", "64", "256", "1024", "4096", "65536", "262144", "4194304"})
    public long bytes;

    /** A pair. */
    @Benchmark
    public void run() {
        on.pair(bytes);
    }
}
