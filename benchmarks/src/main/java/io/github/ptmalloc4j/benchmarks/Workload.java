package io.github.ptmalloc4j.benchmarks;

import io.github.ptmalloc4j.Ptmalloc;
import java.util.Arrays;

/** A program's use of a heap. Leaves nothing allocated. */
interface Workload {
    /**
     * Runs once.
     *
     * @param operations how many, rounded to what the workload's shape allows
     */
    Outcome run(Ptmalloc heap, long operations);

    /**
     * The workload of a name, as the C program takes it: {@code larson THREADS SLOTS}, {@code glibc-thread THREADS},
     * {@code xmalloc BYTES} (0: the 17 sizes), {@code batch fifo|lifo|random}, {@code churn BLOCKS}, {@code phase BLOCKS}.
     */
    static Workload named(String name) {
        String[] words = name.split(" ");
        int[] numbers = Arrays.stream(words)
                .skip(1)
                .filter(word -> word.matches("\\d+"))
                .mapToInt(Integer::parseInt)
                .toArray();
        return switch (words[0]) {
            case "larson" -> new Larson(numbers[0], numbers[1]);
            case "glibc-thread" -> new GlibcThread(numbers[0]);
            case "xmalloc" -> new Xmalloc(numbers[0]);
            case "batch" -> new Batch(words[1]);
            case "churn" -> new Churn(numbers[0]);
            case "phase" -> new Phase(numbers[0]);
            default -> throw new IllegalArgumentException("no workload " + name);
        };
    }

    /**
     * What a run was.
     *
     * @param operations blocks allocated and freed; for phase, allocated or freed
     * @param wallNanos from before the first to after the last
     * @param cpuNanos of the threads that did them, together
     * @param peakLive bytes asked for and not freed, at most; 0 where that is not counted
     */
    record Outcome(long operations, long wallNanos, long cpuNanos, long peakLive) {}
}
