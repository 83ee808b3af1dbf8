package io.github.ptmalloc4j.benchmarks.jmh;

import io.github.ptmalloc4j.benchmarks.allocators.Allocator;
import io.github.ptmalloc4j.benchmarks.allocators.Allocators;
import io.github.ptmalloc4j.benchmarks.workloads.Workload;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What all benchmarks have in common: wall time of one operation, all threads of the workload together, on an allocator that is
 * opened once a fork. The Java heap is small and touched at the start, so that what becomes resident later is the allocator's.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 3,
        jvmArgsAppend = {
            "--enable-native-access=ALL-UNNAMED",
            "-Dsun.misc.unsafe.memory.access=allow",
            "-Xms256m",
            "-Xmx256m",
            "-XX:+AlwaysPreTouch",
            "-XX:+UseSerialGC",
            "-XX:MaxDirectMemorySize=2g"
        })
public abstract class AllocatorBenchmark {
    /**
     * Set to shorten what an invocation does, by as much: for a test that each benchmark runs. The times are wrong then, since JMH
     * goes on dividing by the full number.
     */
    static final String SHORTEN = "ptmalloc4j.benchmarks.shorten";

    private static final long DIVISOR = Long.getLong(SHORTEN, 1);

    /** Of this fork. */
    Allocator on;

    private Workload workload;

    abstract String allocatorName();

    /** The workload, as {@link Workload#named} takes it; null if the benchmark has none. */
    String workloadName() {
        return null;
    }

    /** Opens the allocator. */
    @Setup(Level.Trial)
    public void open() {
        on = Allocators.open(allocatorName());
        workload = workloadName() == null ? null : Workload.named(workloadName());
    }

    /** Closes it. */
    @TearDown(Level.Trial)
    public void close() {
        on.close();
    }

    final Workload.Outcome runWorkload(long operations) {
        return workload.run(on, shortened(operations));
    }

    static long shortened(long number) {
        return Math.max(1, number / DIVISOR);
    }
}
