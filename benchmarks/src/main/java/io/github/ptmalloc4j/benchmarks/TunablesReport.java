package io.github.ptmalloc4j.benchmarks;

import io.github.ptmalloc4j.benchmarks.SideBySide.Row;
import java.util.ArrayList;
import java.util.List;

/**
 * What the values of the service preset are chosen by: one setting at a time changed, on the workloads that feel it. Prints
 * a table and writes the raw data to {@code benchmarks/results}.
 *
 * <p>{@code TunablesReport [--quick]}
 */
public final class TunablesReport {
    private static final List<Row> ROWS = List.of(
            new Row("larson 2 1000", 8_000_000),
            new Row("xmalloc 64", 2_048_000),
            new Row("xmalloc 0", 1_024_000),
            new Row("batch fifo", 2_000_000),
            new Row("batch lifo", 2_000_000),
            new Row("batch random", 2_000_000),
            new Row("churn 100000", 1_000_000));
    private static final int REPETITIONS = 3;

    private TunablesReport() {}

    /** Makes the report. */
    public static void main(String[] args) throws Exception {
        boolean quick = List.of(args).contains("--quick");
        List<String> columns = columns();
        List<Sample> samples = new SideBySide(quick).run(ROWS, columns, quick ? 1 : REPETITIONS, Progress.dots());
        System.out.print(new ReportTable(samples).of(ROWS, columns));
        System.out.println(
                ReportFile.write(ReportFile.RESULTS, "tunables", "TunablesReport " + String.join(" ", args), samples));
    }

    private static List<String> columns() {
        int cpus = Runtime.getRuntime().availableProcessors();
        List<String> columns = new ArrayList<>(List.of(SideBySide.C));
        for (int count : new int[] {7, 16, 32, 64, 128, 256}) {
            columns.add(settings(count, count / 2, cpus + 1, false));
        }
        columns.add(settings(128, 0, cpus + 1, false));
        columns.add(settings(128, 128, cpus + 1, false));
        columns.add(settings(128, 64, cpus + 1, true));
        for (int arenas : new int[] {cpus, 2 * cpus, 8 * cpus}) {
            columns.add(settings(128, 64, arenas, false));
        }
        return columns;
    }

    private static String settings(int tcacheCount, int tcacheFlush, int arenaMax, boolean remoteFrees) {
        return "ptmalloc4j:tcache_count=%d:tcache_flush=%d:arena_max=%d:remote_frees=%d:purge_millis=1000"
                .formatted(tcacheCount, tcacheFlush, arenaMax, remoteFrees ? 1 : 0);
    }
}
