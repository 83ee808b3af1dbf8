package io.github.ptmalloc4j.lab.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScoreRuleTest {
    @TempDir
    Path directory;

    @Test
    void classicIsTheWeightedSumAndThroughputIsCapped() {
        // U = 0.5; T = 1e6 / 100 ns = 10,000 Kops/s, above 600.
        assertEquals(100 * (0.6 * 0.5 + 0.4), score("classic", trace(1, row("x", 100, 2000))), 1e-9);
        // 10,000 ns: 100 Kops/s.
        assertEquals(100 * (0.6 * 0.5 + 0.4 / 6), score("classic", trace(1, row("x", 10_000, 2000))), 1e-9);
    }

    @Test
    void cmuScalesBothPartsBetweenTheirThresholds() {
        // U = 0.65, half way; 80 ns: 12,500 Kops/s, a quarter of the way.
        assertEquals(100 * (0.5 * 0.5 + 0.5 * 0.25), score("cmu-2016", trace(1, row("x", 80, 1000 / 0.65))), 0.05);
    }

    @Test
    void mitIsTheGeometricMeanAgainstTheCLibrary() {
        // Peaks below the allowance are full marks; 1.1 times as fast as the library is wanted, and it is half as fast.
        assertEquals(
                100 * Math.sqrt(1 / 2.2),
                score("mit-6.172", trace(1, row("x", 200, 2000), row("glibc", 100, 2000))),
                1e-9);
        assertTrue(ruleNamed("mit-6.172")
                .score(List.of(trace(1, row("x", 200, 2000))), "x", "glibc")
                .isEmpty());
    }

    @Test
    void theWeightOfATraceSaysForWhichPartItCounts() {
        TraceComparison forUtilisation = trace(2, row("x", 1e9, 1000));
        TraceComparison forThroughput = trace(3, row("x", 100, 1e9));
        TraceComparison forNothing = trace(0, row("x", 1e9, 1e9));
        assertEquals(
                100,
                ruleNamed("classic")
                        .score(List.of(forUtilisation, forThroughput, forNothing), "x", "glibc")
                        .orElseThrow(),
                1e-9);
    }

    @Test
    void theFormulaNamesItsNumbers() {
        assertEquals(
                "100 × (0.60 × U + 0.40 × min(1, T / 600 Kops/s)); U: mean utilisation; T: all calls by all time",
                ruleNamed("classic").formula());
        assertEquals(
                "100 × (0.50 × min(1, max(0, (U − 0.55) / 0.20)) + 0.50 × min(1, max(0, (T − 10,500 Kops/s) / 8,000 Kops/s)));"
                        + " U: mean utilisation; T: calls by time, geometric mean over traces",
                ruleNamed("cmu-2016").formula());
    }

    @Test
    void aFileOfRulesReplacesThem() throws Exception {
        Path file = directory.resolve("mine.json");
        Files.writeString(file, """
                [{"name": "mine", "form": "LINEAR", "utilisationWeight": 1, "fullUtilisation": 0.5,
                  "throughputMean": "TOTAL", "fullKopsPerSecond": 1}]
                """);
        ScoreRule mine = ScoreRule.of(file).getFirst();
        assertEquals(
                100,
                mine.score(List.of(trace(1, row("x", 1, 2000))), "x", "glibc").orElseThrow());
    }

    @Test
    void aFileThatHasNoRulesIsASentenceWithItsPlace() throws Exception {
        Path file = directory.resolve("bad.json");
        Files.writeString(file, "[\n{\"name\": 1,,}]");
        String message =
                assertThrows(IOException.class, () -> ScoreRule.of(file)).getMessage();
        assertTrue(message.startsWith(file + ":2: "), message);
        Files.writeString(file, "[{\"name\": \"x\"}]");
        message = assertThrows(IOException.class, () -> ScoreRule.of(file)).getMessage();
        assertEquals(file + ": rule x lacks a name, a form, a mean, or a threshold above its least", message);
    }

    private static double score(String rule, TraceComparison trace) {
        return ruleNamed(rule).score(List.of(trace), "x", "glibc").orElseThrow();
    }

    private static ScoreRule ruleNamed(String name) {
        return ScoreRule.known().stream()
                .filter(rule -> rule.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** A trace of 1,000 operations with a peak of 1,000 live bytes. */
    static TraceComparison trace(int weight, Measurement... rows) {
        return new TraceComparison(
                "t", 1000, 1, weight, 0, 1000, new int[] {500, 1000}, new long[] {1000, 777}, List.of(rows));
    }

    static Measurement row(String allocator, double nanos, double heap) {
        return new Measurement(
                allocator,
                null,
                false,
                new long[] {1},
                new long[] {1},
                nanos,
                nanos * 0.9,
                nanos * 1.1,
                (long) heap,
                1000 / heap,
                4321L,
                65L,
                43L,
                Map.of("brk", 40L, "mmap", 3L),
                2L,
                new long[] {1111, 2222},
                new long[] {3333, 4444},
                new long[] {55, 66});
    }
}
