package io.github.ptmalloc4j.benchmarks;

import io.github.ptmalloc4j.benchmarks.SideBySide.Row;
import io.github.ptmalloc4j.ptmalloc.Tunables;
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
        Tunables chosen = Tunables.service();
        columns.add(settings(chosen));
        for (int count : new int[] {7, 32, 64, 256}) {
            columns.add(settings(
                    chosen.toBuilder().tcacheCount(count).tcacheFlush(count / 2).build()));
        }
        columns.add(settings(chosen.toBuilder().tcacheFlush(0).build()));
        for (int max : new int[] {1032, 8 << 10, 1 << 20}) {
            columns.add(settings(chosen.toBuilder().tcacheMax(max).build()));
        }
        for (long transfer : new long[] {0, 1 << 20, 32 << 20}) {
            columns.add(settings(chosen.toBuilder().tcacheTransfer(transfer).build()));
        }
        for (int arenas : new int[] {cpus, 8 * cpus}) {
            columns.add(settings(chosen.toBuilder().arenaMax(arenas).build()));
        }
        return columns;
    }

    private static String settings(Tunables tunables) {
        return "ptmalloc4j:tcache_count=%d:tcache_flush=%d:tcache_max=%d:tcache_transfer=%d:arena_max=%d:purge_millis=%d"
                .formatted(
                        tunables.tcacheCount(),
                        tunables.tcacheFlush(),
                        tunables.tcacheMax(),
                        tunables.tcacheTransfer(),
                        tunables.arenaMax(),
                        tunables.purgeMillis());
    }
}
