package io.github.ptmalloc4j.lab.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ComparisonTableTest {
    private static final int WIDEST = 120;

    @Test
    void noLineIsWiderThanATerminalAndNoColumnOutOfLine() {
        List<String> lines = printed(Stream.of(Allocator.values())
                .map(allocator -> large(allocator, null))
                .toArray(Measurement[]::new));
        for (String line : lines) {
            assertTrue(line.length() <= WIDEST, line.length() + ": " + line);
        }
        List<Integer> widths = lines.stream()
                .filter(line -> line.startsWith("glibc") || line.startsWith("ptmalloc4j"))
                .map(String::length)
                .distinct()
                .toList();
        assertEquals(2, widths.size(), "one width in the trace's table, one in the summary: " + widths);
    }

    @Test
    void aRowWithoutFiguresSaysWhyAndIsWrapped() {
        String why = "the replay ended with status 1: " + "something went wrong, ".repeat(12) + "and that was it";
        List<String> lines = printed(Measurement.missing(Allocator.TCMALLOC, why, true));
        assertTrue(
                lines.stream().anyMatch(line -> line.startsWith("tcmalloc            the replay ended")), "" + lines);
        assertTrue(lines.stream().allMatch(line -> line.length() <= WIDEST), "" + lines);
        assertTrue(String.join(" ", lines).contains("and that was it"));
    }

    @Test
    void aRemarkThatIsTrueOfSeveralIsSaidOnce() {
        List<String> lines = printed(
                large(Allocator.GLIBC_FFM, "no heap"),
                large(Allocator.GLIBC, null),
                large(Allocator.SERVICE, "no heap"));
        assertEquals(
                List.of("glibc-ffm, ptmalloc4j-service: no heap"),
                lines.stream().filter(line -> line.contains("no heap")).toList());
    }

    @Test
    void whoKeepsItsHeapIsMarked() {
        assertEquals("netty-pooled*", Figures.name("netty-pooled"));
        assertEquals("glibc-ffm*", Figures.name("glibc-ffm"));
        for (String fresh : List.of("glibc", "jemalloc", "ptmalloc4j", "ptmalloc4j-service", "ptmalloc4j-segments")) {
            assertEquals(fresh, Figures.name(fresh));
        }
    }

    private static List<String> printed(Measurement... rows) {
        StringWriter text = new StringWriter();
        ComparisonTable table = new ComparisonTable(new PrintWriter(text));
        TraceComparison trace = new TraceComparison(
                "a-program-with-a-long-name.heaptrack.zst",
                2_000_000_000,
                16,
                1,
                12_345,
                99_999_999_999L,
                new int[0],
                new long[0],
                List.of(rows));
        table.trace(trace);
        table.summary(List.of(trace), ScoreRule.known());
        table.machine("2026-01-01 12:00; Linux; Java");
        return text.toString().lines().toList();
    }

    /** What a large program on a slow allocator gives. */
    private static Measurement large(Allocator allocator, String note) {
        return new Measurement(
                allocator.label(),
                note,
                false,
                new long[] {1},
                new long[] {1},
                123_456.7,
                98_765.4,
                1_234_567.8,
                199_999_999_999L,
                0.5,
                199_999_999_999L,
                48_828_125L,
                1_234_567L,
                Map.of(),
                0L,
                null,
                null,
                null);
    }
}
