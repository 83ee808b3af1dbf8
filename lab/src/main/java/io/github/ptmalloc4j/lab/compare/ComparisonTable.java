package io.github.ptmalloc4j.lab.compare;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The comparison as text: a table for each trace, one over all, and what the columns mean. */
final class ComparisonTable {
    private static final int[] WIDTHS = {-19, 12, 17, 13, 7, 13, 8, 7};
    private static final int[] SUMMARY_WIDTHS = {-19, 12, 11, 9, 12};
    private static final int SCORE_WIDTH = 9;
    private static final int WRAP = 104;

    private final PrintWriter out;

    ComparisonTable(PrintWriter out) {
        this.out = out;
    }

    void trace(TraceComparison trace) {
        out.println(Figures.title(trace));
        for (int line = 0; line < 2; line++) {
            int which = line;
            row(Figures.HEADS.stream().map(head -> head.get(which)).toList(), WIDTHS);
        }
        rule();
        List<String> remarks = new ArrayList<>();
        for (Measurement row : trace.allocators()) {
            if (row.nanosPerOperation() == null) {
                out.println(cell(row.allocator(), WIDTHS[0]) + " " + row.note());
                continue;
            }
            row(Figures.cells(row), WIDTHS);
            if (row.note() != null) {
                remarks.add(row.allocator() + ": " + row.note());
            }
            if (row.refused() != null && row.refused() > 0) {
                remarks.add(row.allocator() + ": " + Figures.number(row.refused()) + " requests were refused");
            }
        }
        if (trace.leftOut() > 0) {
            remarks.add(
                    Figures.number(trace.leftOut()) + " lines of the file have no place in a replay and were left out");
        }
        remarks.forEach(this::wrapped);
        out.println();
        out.flush();
    }

    void summary(List<TraceComparison> traces, List<ScoreRule> rules) {
        int[] widths = Arrays.copyOf(SUMMARY_WIDTHS, SUMMARY_WIDTHS.length + rules.size());
        Arrays.fill(widths, SUMMARY_WIDTHS.length, widths.length, SCORE_WIDTH);
        List<String> head =
                new ArrayList<>(List.of("all traces", "ns per oper.", "utilisation", "faults", "system calls"));
        rules.forEach(rule -> head.add(rule.name()));
        row(head, widths);
        rule();
        for (Summary summary : Summary.of(traces, rules)) {
            List<String> cells = new ArrayList<>(List.of(
                    summary.allocator(),
                    Figures.nanos(summary.nanosPerOperation()),
                    Figures.percent(summary.meanUtilisation()),
                    Figures.number(summary.minorFaults()),
                    Figures.number(summary.systemCalls())));
            rules.forEach(rule -> cells.add(Figures.score(summary.scores().get(rule.name()))));
            row(cells, widths);
        }
        out.println();
        Figures.MEANINGS.forEach(this::wrapped);
        for (ScoreRule rule : rules) {
            wrapped("%s (%s): %s".formatted(rule.name(), rule.from(), rule.formula()));
        }
        out.flush();
    }

    private void rule() {
        out.println("─".repeat(WRAP));
    }

    private void row(List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            line.append(i == 0 ? "" : " ").append(cell(cells.get(i), widths[i]));
        }
        out.println(line.toString().stripTrailing());
    }

    private static String cell(String text, int width) {
        return ("%" + width + "s").formatted(text);
    }

    private void wrapped(String text) {
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ")) {
            if (line.length() + word.length() >= WRAP) {
                out.println(line.toString().stripTrailing());
                line.setLength(0);
                line.append("  ");
            }
            line.append(word).append(' ');
        }
        out.println(line.toString().stripTrailing());
    }
}
