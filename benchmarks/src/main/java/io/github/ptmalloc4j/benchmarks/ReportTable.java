package io.github.ptmalloc4j.benchmarks;

import io.github.ptmalloc4j.benchmarks.SideBySide.Row;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Medians, spreads and ratios to the first column, as a Markdown table. */
final class ReportTable {
    private final List<Sample> samples;

    ReportTable(List<Sample> samples) {
        this.samples = samples;
    }

    /** One line for each row and column; columns after the first carry their ratios to it. */
    String of(List<Row> rows, List<String> columns) {
        StringBuilder text = new StringBuilder()
                .append("| workload | on | wall ns/op (min–max) | × | CPU ns/op (min–max) | × |")
                .append(" peak resident MB | arenas MB | ÷ live | left MB |\n")
                .append("|---|---|---|---|---|---|---|---|---|---|\n");
        for (Row row : rows) {
            for (String column : columns) {
                text.append(line(row.name(), column, columns.get(0)));
            }
        }
        return text.toString();
    }

    private String line(String row, String column, String first) {
        List<Sample> mine = select(row, column);
        List<Sample> base = select(row, first);
        double live = median(mine, Sample::liveBytes);
        double peak = median(mine, Sample::peakBytes);
        return String.format(
                Locale.ROOT,
                "| %s | %s | %s | %.2f | %s | %.2f | %.1f | %.1f | %s | %.1f |%n",
                row,
                column,
                spread(mine, Sample::wallPerOperation),
                ratio(mine, base, Sample::wallPerOperation),
                spread(mine, Sample::cpuPerOperation),
                ratio(mine, base, Sample::cpuPerOperation),
                peak / 1e6,
                median(mine, Sample::arenaBytes) / 1e6,
                live == 0 ? "" : String.format(Locale.ROOT, "%.2f", peak / live),
                median(mine, Sample::afterBytes) / 1e6);
    }

    private List<Sample> select(String row, String column) {
        return samples.stream()
                .filter(sample -> sample.row().equals(row) && sample.column().equals(column))
                .toList();
    }

    private static double ratio(List<Sample> mine, List<Sample> base, ToDoubleFunction<Sample> value) {
        return median(mine, value) / median(base, value);
    }

    private static double median(List<Sample> samples, ToDoubleFunction<Sample> value) {
        double[] sorted = samples.stream().mapToDouble(value).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private static String spread(List<Sample> samples, ToDoubleFunction<Sample> value) {
        double[] sorted = samples.stream().mapToDouble(value).sorted().toArray();
        return String.format(
                Locale.ROOT, "%.1f (%.1f–%.1f)", median(samples, value), sorted[0], sorted[sorted.length - 1]);
    }
}
