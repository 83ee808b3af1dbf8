package io.github.ptmalloc4j.benchmarks;

import io.github.ptmalloc4j.HeapSegments;
import io.github.ptmalloc4j.Ptmalloc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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

/**
 * What a lifetime costs: open, allocate, write and read a byte of each segment, close; the JDK's arenas beside those of a heap.
 * And what a segment costs beside an address.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class ArenaLifetimes {
    /** A heap, made by the thread that measures. */
    @State(Scope.Thread)
    public static class Heap {
        Ptmalloc heap;
        HeapSegments segments;

        @Setup
        public void create() {
            heap = Ptmalloc.create();
            segments = heap.segments();
        }

        @TearDown
        public void close() {
            heap.close();
        }
    }

    /** Bytes of a segment. */
    @State(Scope.Benchmark)
    public static class Size {
        @Param({"64", "256", "1024", "4096"})
        public long bytes;
    }

    /** Segments of a lifetime. */
    @State(Scope.Benchmark)
    public static class Number {
        @Param({"1", "10"})
        public int count;
    }

    /** Threads that exist and wait: whoever stops all threads must ask each of them. */
    @State(Scope.Benchmark)
    public static class IdleThreads {
        @Param({"0", "200"})
        public int idle;

        private final CountDownLatch end = new CountDownLatch(1);

        @Setup
        public void start() {
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

        @TearDown
        public void stop() {
            end.countDown();
        }
    }

    private static int use(Arena arena, long bytes, int count) {
        int sum = 0;
        for (int i = 0; i < count; i++) {
            MemorySegment segment = arena.allocate(bytes, 8);
            segment.set(ValueLayout.JAVA_BYTE, bytes / 2, (byte) i);
            sum += segment.get(ValueLayout.JAVA_BYTE, bytes - 1);
        }
        return sum;
    }

    @Benchmark
    public int confinedOfTheJdk(Size size, Number number) {
        try (Arena arena = Arena.ofConfined()) {
            return use(arena, size.bytes, number.count);
        }
    }

    @Benchmark
    public int confined(Heap heap, Size size, Number number) {
        try (Arena arena = heap.segments.confined()) {
            return use(arena, size.bytes, number.count);
        }
    }

    @Benchmark
    public int bump(Heap heap, Size size, Number number) {
        try (Arena arena = heap.segments.bump()) {
            return use(arena, size.bytes, number.count);
        }
    }

    @Benchmark
    public int sharedOfTheJdk(Size size, IdleThreads idle) {
        try (Arena arena = Arena.ofShared()) {
            return use(arena, size.bytes, 1);
        }
    }

    @Benchmark
    public int shared(Heap heap, Size size, IdleThreads idle) {
        try (Arena arena = heap.segments.shared()) {
            return use(arena, size.bytes, 1);
        }
    }

    @Benchmark
    public long addressPair(Heap heap, Size size) {
        long mem = heap.heap.malloc(size.bytes);
        heap.heap.free(mem);
        return mem;
    }

    @Benchmark
    public long segmentPair(Heap heap, Size size) {
        MemorySegment segment = heap.segments.uninitialized().allocate(size.bytes, 8);
        long mem = segment.address();
        heap.segments.free(segment);
        return mem;
    }

    @Benchmark
    public long zeroedSegmentPair(Heap heap, Size size) {
        MemorySegment segment = heap.segments.allocate(size.bytes, 8);
        long mem = segment.address();
        heap.segments.free(segment);
        return mem;
    }
}
