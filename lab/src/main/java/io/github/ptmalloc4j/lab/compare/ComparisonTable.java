package io.github.ptmalloc4j.lab.compare;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** The comparison as text: a table for each trace, one over all, and what the columns mean. */
final class ComparisonTable {
    private static final int[] LEAST_WIDTHS = {19, 12, 17, 13, 7, 13, 8, 7};
    private static final int[] LEAST_SUMMARY_WIDTHS = {19, 12, 11, 12, 12};
    private static final int SCORE_WIDTH = 9;
    private static final int WRAP = 104;

    private final PrintWriter out;

    ComparisonTable(PrintWriter out) {
        this.out = out;
    }

    void trace(TraceComparison trace) {
        out.println(Figures.title(trace));
        List<List<String>> rows = trace.allocators().stream()
                .map(row -> row.nanosPerOperation() == null
                        ? List.of(Figures.name(row.allocator()), row.note())
                        : Figures.cells(row))
                .toList();
        table(Figures.HEADS, rows, LEAST_WIDTHS);
        Figures.remarks(trace).forEach(this::wrapped);
        out.println();
        out.flush();
    }

    /** The table over all traces, and what all columns mean. */
    void summary(List<TraceComparison> traces, List<ScoreRule> rules) {
        table(
                Figures.summaryHeads(rules),
                Summary.of(traces, rules).stream()
                        .map(row -> Figures.cells(row, rules))
                        .toList(),
                LEAST_SUMMARY_WIDTHS);
        out.println();
        Figures.meanings(rules).forEach(this::wrapped);
        out.flush();
    }

    /** Where and when. */
    void machine(String machine) {
        out.println();
        wrapped(machine);
        out.flush();
    }

    /** A row of two cells is a name and a sentence. */
    private void table(List<List<String>> heads, List<List<String>> rows, int... least) {
        int[] widths = new int[heads.size()];
        for (int i = 0; i < widths.length; i++) {
            int column = i;
            int head = heads.get(i).stream().mapToInt(String::length).max().orElse(0);
            int cells = rows.stream()
                    .filter(row -> column == 0 || row.size() == widths.length)
                    .mapToInt(row -> row.get(column).length())
                    .max()
                    .orElse(0);
            widths[i] = Math.max(Math.max(head, cells), i < least.length ? least[i] : SCORE_WIDTH);
        }
        for (int line = 0; line < 2; line++) {
            int which = line;
            row(heads.stream().map(head -> head.get(which)).toList(), widths);
        }
        int all = widths.length - 1;
        for (int width : widths) {
            all += width;
        }
        out.println("─".repeat(all));
        for (List<String> row : rows) {
            if (row.size() == widths.length) {
                row(row, widths);
            } else {
                wrapped(padded(row.getFirst(), -widths[0]) + " " + row.getLast());
            }
        }
    }

    private void row(List<String> cells, int... widths) {
        List<String> line = new ArrayList<>();
        for (int i = 0; i < cells.size(); i++) {
            line.add(padded(cells.get(i), i == 0 ? -widths[i] : widths[i]));
        }
        out.println(String.join(" ", line).stripTrailing());
    }

    private static String padded(String text, int width) {
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
