package io.github.ptmalloc4j.benchmarks.jmh;

import io.github.ptmalloc4j.benchmarks.allocators.Lifetimes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** An arena opened, segments allocated from it, and closed: the shape of the JDK's own AllocTest. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class ArenaLifetimes {
    /** As {@link Lifetimes#open} takes it. */
    @Param({
        Lifetimes.OF_CONFINED,
        Lifetimes.OF_SHARED,
        Lifetimes.CALLOC,
        Lifetimes.PTMALLOC4J_CONFINED,
        Lifetimes.PTMALLOC4J_BUMP,
        Lifetimes.PTMALLOC4J_SHARED
    })
    public String lifetime;

    /** Of a segment; the first six are those of AllocTest. */
    @Param({"5", "20", "100", "500", "2000", "8000", "64", "4096"})
    public long bytes;

    /** Segments of an arena. */
    @Param({"1", "10"})
    public int segments;

    /** Threads that do nothing, which {@link Arena#ofShared} stops all the same. */
    @Param({"0", "200"})
    public int idle;

    private Lifetimes lifetimes;
    private final CountDownLatch end = new CountDownLatch(1);

    /** Starts the idle threads. */
    @Setup
    public void open() {
        lifetimes = Lifetimes.open(lifetime);
        for (int i = 0; i < idle; i++) {
            Thread.ofPlatform().daemon().start(() -> {
                try {
                    end.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
    }

    /** Ends them. */
    @TearDown
    public void close() {
        end.countDown();
        lifetimes.close();
    }

    /** One lifetime. */
    @Benchmark
    public MemorySegment run() {
        MemorySegment last = null;
        try (Arena arena = lifetimes.begin()) {
            for (int i = 0; i < segments; i++) {
                last = arena.allocate(bytes);
            }
        }
        return last;
    }
}
