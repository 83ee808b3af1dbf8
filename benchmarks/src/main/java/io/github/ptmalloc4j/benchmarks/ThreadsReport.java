package io.github.ptmalloc4j.benchmarks;

import io.github.ptmalloc4j.benchmarks.SideBySide.Row;
import io.github.ptmalloc4j.benchmarks.allocators.Allocators;
import java.util.List;

/**
 * Our heap with glibc's settings and with the service preset beside glibc called from C, in the same minutes, on the
 * workloads of several threads and of fragmentation. Prints a table and writes the raw data to {@code benchmarks/results}.
 *
 * <p>{@code ThreadsReport [--quick] [ROW...]}: with {@code --quick} one short run each; a ROW selects those whose names
 * begin with it, such as {@code larson}.
 */
public final class ThreadsReport {
    private static final List<Row> ROWS = List.of(
            new Row("larson 1 1000", 8_000_000),
            new Row("larson 1 5000", 8_000_000),
            new Row("larson 2 1000", 16_000_000),
            new Row("larson 2 5000", 16_000_000),
            new Row("glibc-thread 1", 16_000_000),
            new Row("glibc-thread 2", 32_000_000),
            new Row("xmalloc 64", 4_096_000),
            new Row("xmalloc 0", 2_048_000),
            new Row("batch fifo", 4_000_000),
            new Row("batch lifo", 4_000_000),
            new Row("batch random", 4_000_000),
            new Row("churn 100000", 1_000_000),
            new Row("phase 700000", 700_000));
    private static final List<String> COLUMNS =
            List.of(SideBySide.C, Allocators.PTMALLOC4J_GLIBC, Allocators.PTMALLOC4J_SERVICE);
    private static final int REPETITIONS = 5;

    private ThreadsReport() {}

    /** Makes the report. */
    public static void main(String[] args) throws Exception {
        List<String> arguments = List.of(args);
        boolean quick = arguments.contains("--quick");
        List<String> names = arguments.stream()
                .filter(argument -> !argument.startsWith("--"))
                .toList();
        List<Row> rows = ROWS.stream()
                .filter(row -> names.isEmpty() || names.stream().anyMatch(row.name()::startsWith))
                .toList();
        List<Sample> samples = new SideBySide(quick).run(rows, COLUMNS, quick ? 1 : REPETITIONS, Progress.dots());
        System.out.print(new ReportTable(samples).of(rows, COLUMNS));
        System.out.println(
                ReportFile.write(ReportFile.RESULTS, "threads", "ThreadsReport " + String.join(" ", args), samples));
    }
}
