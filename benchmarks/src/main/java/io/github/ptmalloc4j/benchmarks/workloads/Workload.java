package io.github.ptmalloc4j.benchmarks.workloads;

import io.github.ptmalloc4j.benchmarks.allocators.Allocator;
import io.github.ptmalloc4j.benchmarks.allocators.Lifetimes;
import java.util.Arrays;

/** A program's use of an allocator. Leaves nothing allocated. */
public interface Workload {
    /**
     * Runs once. Runs of one object may follow each other, but not overlap.
     *
     * @param operations how many, rounded to what the workload's shape allows
     */
    Outcome run(Allocator allocator, long operations);

    /**
     * The workload of a name, as the C program takes it:
     *
     * <ul>
     *   <li>{@code pair BYTES}, {@code calloc BYTES}, {@code aligned BYTES}: a block, its first byte written, freed
     *   <li>{@code batch fifo|lifo|random [BYTES]}: 1000 blocks, of mixed sizes unless one is given
     *   <li>{@code glibc-simple BYTES COUNT}, {@code glibc-thread THREADS}, {@code larson THREADS SLOTS},
     *       {@code xmalloc BYTES} (0: the 17 sizes), {@code mstress THREADS}, {@code rptest THREADS},
     *       {@code cache-scratch THREADS}, {@code cache-thrash THREADS}
     *   <li>{@code realloc-growth}, {@code realloc-vectors}, {@code large}
     *   <li>{@code churn BLOCKS}, {@code phase BLOCKS}, {@code live MEBIBYTES}
     *   <li>{@code threads}: threads come and go; {@code lifetime SEGMENTS BYTES IDLE_THREADS}: of {@link Lifetimes}; not in C
     * </ul>
     *
     * @throws IllegalArgumentException if there is none
     */
    static Workload named(String name) {
        String[] words = name.split(" ");
        int[] numbers = Arrays.stream(words)
                .skip(1)
                .filter(word -> word.matches("\\d+"))
                .mapToInt(Integer::parseInt)
                .toArray();
        return switch (words[0]) {
            case "pair" -> new Pairs(Pairs.Kind.PLAIN, numbers[0]);
            case "calloc" -> new Pairs(Pairs.Kind.ZEROED, numbers[0]);
            case "aligned" -> new Pairs(Pairs.Kind.ALIGNED, numbers[0]);
            case "batch" -> new Batch(words[1], numbers.length > 0 ? numbers[0] : 0);
            case "glibc-simple" -> new GlibcSimple(numbers[0], numbers[1]);
            case "glibc-thread" -> new GlibcThread(numbers[0]);
            case "larson" -> new Larson(numbers[0], numbers[1]);
            case "xmalloc" -> new Xmalloc(numbers[0]);
            case "mstress" -> new Mstress(numbers[0]);
            case "rptest" -> new Rptest(numbers[0]);
            case "cache-scratch" -> new CacheLines(numbers[0], true);
            case "cache-thrash" -> new CacheLines(numbers[0], false);
            case "realloc-growth" -> new ReallocGrowth();
            case "realloc-vectors" -> new ReallocVectors();
            case "large" -> new LargeBuffers();
            case "churn" -> new Churn(numbers[0]);
            case "phase" -> new Phase(numbers[0]);
            case "live" -> new LiveHeap(numbers[0]);
            case "lifetime" -> new LifetimeWorkload(numbers[0], numbers[1], numbers[2]);
            case "threads" -> new ThreadsComeAndGo();
            default -> throw new IllegalArgumentException("there is no workload " + name);
        };
    }

    /**
     * What a run was.
     *
     * @param operations what the workload calls so
     * @param wallNanos from before the first to after the last
     * @param cpuNanos of the threads that did them, together
     * @param peakLive bytes asked for and not freed, at most; 0 where that is not counted
     * @param javaBytes of the Java heap that those threads took
     * @param extra a number of the workload's own; 0 for most
     */
    record Outcome(long operations, long wallNanos, long cpuNanos, long peakLive, long javaBytes, long extra) {
        Outcome withPeakLive(long bytes) {
            return new Outcome(operations, wallNanos, cpuNanos, bytes, javaBytes, extra);
        }

        Outcome withExtra(long number) {
            return new Outcome(operations, wallNanos, cpuNanos, peakLive, javaBytes, number);
        }
    }
}
