package io.github.ptmalloc4j.lab.replay;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** The results as a table of 101 columns: a head, one row a trace, a total, and what the columns mean. */
final class ReplayTable {
    private static final String ROW = "%-21s %10s %6s %12s %12s %6s %9s %8s %7s";
    private static final int NAME_WIDTH = 21;
    private static final int WIDTH = 101;

    private final PrintWriter out;

    ReplayTable(PrintWriter out) {
        this.out = out;
    }

    void head() {
        row("", "", "ns per", "peak live", "peak heap", "utili-", "minor", "resident", "system");
        row("trace", "operations", "oper.", "bytes", "bytes", "sation", "faults", "pages", "calls");
        out.println("─".repeat(WIDTH));
        out.flush();
    }

    void row(ReplayResult result) {
        row(
                shortened(result.trace()),
                number(result.operations()),
                nanos(result.nanosPerOperation()),
                number(result.peakLiveBytes()),
                number(result.peakHeapBytes()),
                percent(result.utilisation()),
                number(result.minorFaults()),
                number(result.residentPages()),
                number(result.systemCalls()));
        out.flush();
    }

    void total(ReplayTotal total) {
        out.println("─".repeat(WIDTH));
        row(
                "total of " + number(total.traces()),
                number(total.operations()),
                nanos(total.nanosPerOperation()),
                "",
                "",
                percent(total.meanUtilisation()),
                number(total.minorFaults()),
                "",
                number(total.systemCalls()));
    }

    void legend(List<ReplayResult> results) {
        out.println();
        out.println("""
                Time: the median pass of those that only make the calls. All else: the pass that also fills and
                checks every block. Utilisation: peak live / peak heap (total: the mean). Resident: when the trace
                ends, what is still live included.""");
        for (ReplayResult result : results) {
            if (result.refusedOperations() > 0) {
                out.printf("%s: %,d requests were refused.%n", result.trace(), result.refusedOperations());
            }
        }
        out.flush();
    }

    private void row(Object... cells) {
        out.println(ROW.formatted(cells).stripTrailing());
    }

    private static String shortened(String name) {
        return name.length() <= NAME_WIDTH ? name : name.substring(0, NAME_WIDTH - 1) + "…";
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private static String nanos(double value) {
        return String.format(Locale.ROOT, "%,.1f", value);
    }

    private static String percent(double value) {
        return String.format(Locale.ROOT, "%.1f%%", 100 * value);
    }
}
