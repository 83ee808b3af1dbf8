package io.github.ptmalloc4j.lab.compare;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One allocator on one trace. What could not be measured is null.
 *
 * @param allocator its name
 * @param note why figures are missing: one sentence, or null
 * @param failed whether the replay went wrong, rather than could not be made
 * @param passNanos how long each timed pass took, in nanoseconds
 * @param passCpuNanos the CPU time of the replaying threads in each timed pass, in nanoseconds
 * @param nanosPerOperation of the median pass, by the calls of the allocator
 * @param fastestNanosPerOperation of the fastest pass
 * @param slowestNanosPerOperation of the slowest pass
 * @param peakHeapBytes the most that break and writable mappings had grown by at a time
 * @param utilisation peak live bytes divided by peak heap bytes
 * @param peakResidentBytes the most that the process's own memory in RAM had grown by at a sample
 * @param minorFaults in the memory pass
 * @param systemCalls for memory in the memory pass
 * @param systemCallsByName the same by name
 * @param refused requests that found no memory or were called invalid
 * @param heapBytes at each sample
 * @param residentBytes at each sample
 * @param faults at each sample, since the first operation
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
record Measurement(
        String allocator,
        String note,
        boolean failed,
        long[] passNanos,
        long[] passCpuNanos,
        Double nanosPerOperation,
        Double fastestNanosPerOperation,
        Double slowestNanosPerOperation,
        Long peakHeapBytes,
        Double utilisation,
        Long peakResidentBytes,
        Long minorFaults,
        Long systemCalls,
        Map<String, Long> systemCallsByName,
        Long refused,
        long[] heapBytes,
        long[] residentBytes,
        long[] faults) {

    /** Of the median pass, by the calls of the allocator; passes have been timed. */
    double cpuNanosPerOperation(int operations) {
        long[] sorted = passCpuNanos.clone();
        Arrays.sort(sorted);
        return Collector.median(sorted) / Math.max(operations, 1);
    }

    /** An allocator of which nothing can be said but why. */
    static Measurement missing(Allocator allocator, String note, boolean failed) {
        return new Measurement(
                allocator.label(),
                note,
                failed,
                new long[0],
                new long[0],
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                Map.of(),
                null,
                null,
                null,
                null);
    }

    /** What three runs of an allocator have said, a line at a time; see {@code replayer.c}. */
    static final class Collector {
        private final long[] residentBytes;
        private final long[] faults;
        private final long[] heapBytes;
        private final Map<String, Long> calls = new LinkedHashMap<>();
        private long[] passes = new long[0];
        private long[] cpu = new long[0];
        private Long allFaults;
        private Long refused;
        private Long peakHeap;
        private String note;

        Collector(int samples) {
            residentBytes = new long[samples];
            faults = new long[samples];
            heapBytes = new long[samples];
        }

        /** Why some of the figures will be missing. */
        void note(String sentence) {
            note = sentence;
        }

        void line(String line) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "pass" -> {
                    passes = with(passes, Long.parseLong(words[1]));
                    cpu = with(cpu, Long.parseLong(words[2]));
                }
                case "sample" -> {
                    residentBytes[Integer.parseInt(words[1])] = Long.parseLong(words[2]);
                    faults[Integer.parseInt(words[1])] = Long.parseLong(words[3]);
                }
                case "faults" -> allFaults = Long.parseLong(words[1]);
                case "refused" -> refused = Long.parseLong(words[1]);
                case "calls" -> calls.put(words[1], Long.parseLong(words[2]));
                case "heap" -> heapBytes[Integer.parseInt(words[1])] = Long.parseLong(words[2]);
                case "peak" -> peakHeap = Long.parseLong(words[1]);
                default -> {} // A program that was started may say something of its own.
            }
        }

        Measurement measurement(Allocator allocator, int operations, long peakLive) {
            long[] sorted = passes.clone();
            Arrays.sort(sorted);
            double calls = Math.max(operations, 1);
            if (peakHeap != null && peakHeap < peakLive) {
                // A JVM's allocator that had memory before the trace began: its growth is not its heap.
                peakHeap = null;
                note = "the heap is not known: it had memory before the trace began, and grew by less than peak live";
            }
            boolean heapKnown = peakHeap != null;
            return new Measurement(
                    allocator.label(),
                    note,
                    false,
                    passes,
                    cpu,
                    median(sorted) / calls,
                    sorted[0] / calls,
                    sorted[sorted.length - 1] / calls,
                    peakHeap,
                    heapKnown ? (double) peakLive / Math.max(peakHeap, 1) : null,
                    Arrays.stream(residentBytes).max().orElse(0),
                    allFaults,
                    this.calls.isEmpty()
                            ? null
                            : this.calls.values().stream().mapToLong(n -> n).sum(),
                    this.calls,
                    refused,
                    heapKnown ? heapBytes : null,
                    residentBytes,
                    faults);
        }

        private static long[] with(long[] numbers, long last) {
            long[] more = Arrays.copyOf(numbers, numbers.length + 1);
            more[numbers.length] = last;
            return more;
        }

        private static double median(long[] sorted) {
            int half = sorted.length / 2;
            return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2.0;
        }
    }
}
