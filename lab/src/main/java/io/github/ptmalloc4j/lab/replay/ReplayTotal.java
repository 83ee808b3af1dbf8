package io.github.ptmalloc4j.lab.replay;

import java.util.List;

/**
 * The last row: what can be added up, and means.
 *
 * @param traces how many
 * @param operations calls of the allocator in all traces
 * @param nanosPerOperation the time of all traces divided by the operations of all
 * @param meanUtilisation each trace counts alike, as in the malloc lab
 * @param minorFaults of all checked passes
 * @param systemCalls of all checked passes
 */
record ReplayTotal(
        int traces,
        long operations,
        double nanosPerOperation,
        double meanUtilisation,
        long minorFaults,
        long systemCalls) {

    static ReplayTotal of(List<ReplayResult> results) {
        long operations = results.stream().mapToLong(ReplayResult::operations).sum();
        double nanos = results.stream()
                .mapToDouble(r -> r.nanosPerOperation() * r.operations())
                .sum();
        return new ReplayTotal(
                results.size(),
                operations,
                nanos / Math.max(operations, 1),
                results.stream()
                        .mapToDouble(ReplayResult::utilisation)
                        .average()
                        .orElse(0),
                results.stream().mapToLong(ReplayResult::minorFaults).sum(),
                results.stream().mapToLong(ReplayResult::systemCalls).sum());
    }
}
