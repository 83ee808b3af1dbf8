package io.github.ptmalloc4j.benchmarks;

import io.github.ptmalloc4j.Ptmalloc;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Wall time of one operation of each workload, all its threads together; larson's includes filling the slots, 3 % with 5000
 * of them. The report beside the C library is {@link ThreadsReport}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class Throughput {
    private static final int OPERATIONS = 1_000_000;

    /** As {@link Workload#named} takes it. */
    @Param({
        "larson 1 1000",
        "larson 1 5000",
        "larson 2 1000",
        "larson 2 5000",
        "glibc-thread 1",
        "glibc-thread 2",
        "xmalloc 64",
        "xmalloc 0",
        "batch fifo",
        "batch lifo",
        "batch random",
        "churn 100000"
    })
    public String workload;

    /** The preset of the tunables. */
    @Param({"glibc", "service"})
    public String tunables;

    private Workload running;
    private Ptmalloc heap;

    /** A fresh heap. */
    @Setup
    public void open() {
        running = Workload.named(workload);
        heap = Ptmalloc.create(tunables.equals("glibc") ? Tunables.GLIBC : Tunables.service());
    }

    /** Gives it back. */
    @TearDown
    public void close() {
        heap.close();
    }

    /** A million operations. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Object run() {
        return running.run(heap, OPERATIONS);
    }
}
