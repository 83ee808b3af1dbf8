package io.github.ptmalloc4j.lab.compare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * How a malloc lab grades, 0 to 100. The labs change their thresholds from year to year, so they are data: {@code scores.json}, or
 * a file of the same form.
 *
 * @param name of its column
 * @param from which lab has it
 * @param form how the two parts are put together
 * @param utilisationWeight the part of utilisation, 0 to 1; the rest is throughput's
 * @param leastUtilisation and below: no points; linear only
 * @param fullUtilisation and above: all points; linear only
 * @param throughputMean of the traces; linear only
 * @param leastKopsPerSecond and below: no points, in thousand calls a second; linear only
 * @param fullKopsPerSecond and above: all points
 * @param allowanceBytes smaller peaks and heaps count as this; geometric only
 * @param libraryFactor all points for this many times the C library's throughput; geometric only
 */
record ScoreRule(
        String name,
        String from,
        Form form,
        double utilisationWeight,
        double leastUtilisation,
        double fullUtilisation,
        ThroughputMean throughputMean,
        double leastKopsPerSecond,
        double fullKopsPerSecond,
        double allowanceBytes,
        double libraryFactor) {

    private static final String RULES = "scores.json";
    private static final double FULL = 100;
    private static final double NANOS_PER_KOPS = 1e6;

    /** How utilisation and throughput become one number. */
    enum Form {
        /** The weighted sum of both, each between its thresholds. */
        LINEAR,
        /** The weighted geometric mean of both. */
        GEOMETRIC
    }

    /** The throughput of several traces. */
    enum ThroughputMean {
        /** All calls by all time. */
        TOTAL,
        /** The geometric mean of each trace's. */
        GEOMETRIC
    }

    /** The rules that come with the program. */
    static List<ScoreRule> known() {
        try (InputStream in = ScoreRule.class.getResourceAsStream(RULES)) {
            return List.of(new ObjectMapper().readValue(in, ScoreRule[].class));
        } catch (IOException e) {
            throw new AssertionError("the rules that come with the program can be read", e);
        }
    }

    /**
     * The rules of a file.
     *
     * @throws IOException whose message is one sentence, if it cannot be read or is not of the form of {@code scores.json}
     */
    static List<ScoreRule> of(Path file) throws IOException {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new IOException(
                    file + ": the file cannot be read (" + e.getClass().getSimpleName() + ")", e);
        }
        try {
            List<ScoreRule> rules = List.of(new ObjectMapper().readValue(text, ScoreRule[].class));
            for (ScoreRule rule : rules) {
                rule.requireWhole(file);
            }
            return rules;
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            throw new IOException(
                    "%s:%d: %s"
                            .formatted(
                                    file,
                                    line,
                                    e.getOriginalMessage().lines().findFirst().orElse("no rules")),
                    e);
        }
    }

    private void requireWhole(Path file) throws IOException {
        boolean whole = name != null
                && form != null
                && fullKopsPerSecond > leastKopsPerSecond
                && (form == Form.GEOMETRIC || throughputMean != null && fullUtilisation > leastUtilisation);
        if (!whole) {
            throw new IOException(
                    "%s: rule %s lacks a name, a form, a mean, or a threshold above its least".formatted(file, name));
        }
    }

    /** The formula with its numbers, in one line. */
    String formula() {
        double w = utilisationWeight;
        if (form == Form.GEOMETRIC) {
            return text(
                    "100 × gmean(max(peak live, %,.0f B) / max(peak heap, %,.0f B))^%.2f × gmean(min(1, T / min(%.2f × T of"
                            + " glibc, %,.0f Kops/s)))^%.2f; T: calls by time; needs glibc among the allocators",
                    allowanceBytes, allowanceBytes, w, libraryFactor, fullKopsPerSecond, 1 - w);
        }
        return text(
                "100 × (%.2f × %s + %.2f × %s); U: mean utilisation; T: %s",
                w,
                scaled("U", leastUtilisation, fullUtilisation, "%.2f", ""),
                1 - w,
                scaled("T", leastKopsPerSecond, fullKopsPerSecond, "%,.0f", " Kops/s"),
                throughputMean == ThroughputMean.TOTAL
                        ? "all calls by all time"
                        : "calls by time, geometric mean over traces");
    }

    private static String scaled(String name, double least, double full, String number, String unit) {
        if (least == 0) {
            return full == 1 ? name : text("min(1, %s / " + number + "%s)", name, full, unit);
        }
        return text(
                "min(1, max(0, (%s − " + number + "%s) / " + number + "%s))", name, least, unit, full - least, unit);
    }

    /**
     * The score of an allocator over all traces that it has replayed whole.
     *
     * @param library the C library from C, against which one of the rules measures; may be absent
     * @return nothing if a figure that the rule needs is missing
     */
    OptionalDouble score(List<TraceComparison> traces, String allocator, String library) {
        List<Double> utilisations = new ArrayList<>();
        List<Double> throughputs = new ArrayList<>();
        double calls = 0;
        double nanos = 0;
        for (TraceComparison trace : traces) {
            Measurement row = row(trace, allocator);
            if (row == null || row.nanosPerOperation() == null || row.peakHeapBytes() == null) {
                return OptionalDouble.empty();
            }
            if (trace.weight() == 1 || trace.weight() == 2) {
                utilisations.add(utilisation(trace, row));
            }
            if (trace.weight() == 1 || trace.weight() == 3) {
                OptionalDouble throughput = throughput(trace, row, library);
                if (throughput.isEmpty()) {
                    return throughput;
                }
                throughputs.add(throughput.getAsDouble());
                calls += trace.operations();
                nanos += trace.operations() * row.nanosPerOperation();
            }
        }
        return utilisations.isEmpty() || throughputs.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(together(utilisations, throughputs, calls / nanos * NANOS_PER_KOPS));
    }

    private double utilisation(TraceComparison trace, Measurement row) {
        return form == Form.GEOMETRIC
                ? Math.max(trace.peakLiveBytes(), allowanceBytes) / Math.max(row.peakHeapBytes(), allowanceBytes)
                : row.utilisation();
    }

    /** Thousand calls a second; geometric: the part of full marks. */
    private OptionalDouble throughput(TraceComparison trace, Measurement row, String library) {
        double kops = NANOS_PER_KOPS / row.nanosPerOperation();
        if (form == Form.LINEAR) {
            return OptionalDouble.of(kops);
        }
        Measurement ofLibrary = row(trace, library);
        if (ofLibrary == null || ofLibrary.nanosPerOperation() == null) {
            return OptionalDouble.empty();
        }
        double full = Math.min(libraryFactor * NANOS_PER_KOPS / ofLibrary.nanosPerOperation(), fullKopsPerSecond);
        return OptionalDouble.of(Math.min(1, kops / full));
    }

    private double together(List<Double> utilisations, List<Double> throughputs, double totalKops) {
        if (form == Form.GEOMETRIC) {
            return FULL
                    * Math.pow(geometricMean(utilisations), utilisationWeight)
                    * Math.pow(geometricMean(throughputs), 1 - utilisationWeight);
        }
        double u = utilisations.stream().mapToDouble(x -> x).average().orElseThrow();
        double t = throughputMean == ThroughputMean.TOTAL ? totalKops : geometricMean(throughputs);
        return FULL
                * (utilisationWeight * part(u, leastUtilisation, fullUtilisation)
                        + (1 - utilisationWeight) * part(t, leastKopsPerSecond, fullKopsPerSecond));
    }

    private static double part(double value, double least, double full) {
        return Math.clamp((value - least) / (full - least), 0.0, 1.0);
    }

    private static double geometricMean(List<Double> values) {
        return Math.exp(values.stream().mapToDouble(Math::log).average().orElseThrow());
    }

    private static Measurement row(TraceComparison trace, String allocator) {
        return trace.allocators().stream()
                .filter(row -> row.allocator().equals(allocator))
                .findFirst()
                .orElse(null);
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
