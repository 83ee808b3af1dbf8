package io.github.ptmalloc4j.lab.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * One allocator over all traces. What is missing on one trace is null.
 *
 * @param allocator its name
 * @param nanosPerOperation the time of all traces by the calls of all
 * @param meanUtilisation each trace counts alike
 * @param minorFaults of all traces
 * @param systemCalls of all traces
 * @param scores by the name of the rule; null where a figure is missing
 */
record Summary(
        String allocator,
        Double nanosPerOperation,
        Double meanUtilisation,
        Long minorFaults,
        Long systemCalls,
        Map<String, Double> scores) {

    /** A row for each allocator, in the order of the first trace. */
    static List<Summary> of(List<TraceComparison> traces, List<ScoreRule> rules) {
        List<Summary> rows = new ArrayList<>();
        for (int a = 0; a < traces.getFirst().allocators().size(); a++) {
            rows.add(of(traces, rules, a));
        }
        return rows;
    }

    private static Summary of(List<TraceComparison> traces, List<ScoreRule> rules, int index) {
        List<Measurement> rows =
                traces.stream().map(t -> t.allocators().get(index)).toList();
        String allocator = rows.getFirst().allocator();
        double nanos = 0;
        long calls = 0;
        for (TraceComparison trace : traces) {
            Double each = trace.allocators().get(index).nanosPerOperation();
            nanos += each == null ? Double.NaN : each * trace.operations();
            calls += trace.operations();
        }
        Map<String, Double> scores = new LinkedHashMap<>();
        for (ScoreRule rule : rules) {
            var score = rule.score(traces, allocator, Allocator.GLIBC.label());
            scores.put(rule.name(), score.isPresent() ? score.getAsDouble() : null);
        }
        return new Summary(
                allocator,
                Double.isNaN(nanos) ? null : nanos / Math.max(calls, 1),
                mean(rows),
                sum(rows.stream().map(Measurement::minorFaults).toList()),
                sum(rows.stream().map(Measurement::systemCalls).toList()),
                scores);
    }

    private static Double mean(List<Measurement> rows) {
        return rows.stream().map(Measurement::utilisation).anyMatch(Objects::isNull)
                ? null
                : rows.stream().mapToDouble(Measurement::utilisation).average().orElseThrow();
    }

    private static Long sum(List<Long> values) {
        return values.stream().anyMatch(Objects::isNull)
                ? null
                : values.stream().mapToLong(n -> n).sum();
    }
}
