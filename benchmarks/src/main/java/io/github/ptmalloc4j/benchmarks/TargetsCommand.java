package io.github.ptmalloc4j.benchmarks;

import io.github.ptmalloc4j.benchmarks.SideBySide.Row;
import io.github.ptmalloc4j.benchmarks.Target.Cell;
import io.github.ptmalloc4j.benchmarks.allocators.Allocators;
import io.github.ptmalloc4j.benchmarks.allocators.NativeLibrary;
import io.github.ptmalloc4j.lab.trace.BadTrace;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ptmalloc4j targets}: the figures that the allocator aims at, measured now. */
@Command(
        name = "ptmalloc4j targets",
        header = "Measures what the allocator aims at and prints each row: figure, spread, aim, met or not.",
        description = {
            "",
            "Each workload runs in a process of its own, by turns in Java and in C, several",
            "times over. A figure is the median of one figure a repetition, the spread its",
            "smallest and largest. One thread is compared by CPU time, several by wall time.",
            ""
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {"0:measured, whether or not the aims are met", "1:a run failed", "2:an argument is wrong"})
final class TargetsCommand implements Callable<Integer> {
    private static final int WARM_MILLIS = 1000;
    /** How long the passes of a replay are timed. */
    private static final Duration REPLAYED = Duration.ofMillis(300);

    @Parameters(
            paramLabel = "ROW",
            arity = "0..*",
            description = "Only rows whose text begins with this, such as pair or \"larson 2\".")
    private List<String> rows = List.of();

    @Option(names = "--repetitions", paramLabel = "N", description = "Repetitions at most (default: ${DEFAULT-VALUE}).")
    private int repetitions = 5;

    @Option(
            names = "--minutes",
            paramLabel = "N",
            description = "Begin no repetition that would end later than this (default: ${DEFAULT-VALUE}). There is"
                    + " always one.")
    private int minutes = 14;

    @Option(names = "--quick", description = "One short repetition: a first impression.")
    private boolean quick;

    @Option(
            names = "--traces",
            paramLabel = "DIR",
            description = "Replay the traces of this directory too, of any format that replay knows; its README is left"
                    + " alone.")
    private Path traces;

    @Option(
            names = "--results",
            paramLabel = "DIR",
            description = "Write the raw data to a CSV file in this directory.")
    private Path results;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Explain this command.")
    private boolean help;

    private boolean failed;
    private List<RecordedProgram> programs = List.of();

    @Override
    public Integer call() throws IOException, InterruptedException {
        try {
            programs = traces == null ? List.of() : RecordedProgram.in(traces);
        } catch (BadTrace | IOException e) {
            System.err.println("ptmalloc4j targets: " + e.getMessage());
            return 2;
        }
        List<Target> targets = TargetList.all(programs).stream()
                .filter(target -> rows.isEmpty() || rows.stream().anyMatch(target.what()::startsWith))
                .map(TargetsCommand::checked)
                .toList();
        if (targets.isEmpty()) {
            System.err.println("ptmalloc4j targets: no row begins with " + String.join(" or ", rows));
            return 2;
        }
        SideBySide processes;
        try {
            processes = new SideBySide(warmMillis(), quick ? 4 : 1);
        } catch (IOException e) {
            System.err.println("ptmalloc4j targets: " + e.getMessage());
            return 2;
        }
        List<Sample> samples = measure(targets, processes);
        System.out.print(table(targets, samples));
        if (results != null) {
            System.out.println(ReportFile.write(results, "targets", "targets " + String.join(" ", rows), samples));
        }
        return failed ? 1 : 0;
    }

    private int warmMillis() {
        return quick ? WARM_MILLIS / 2 : WARM_MILLIS;
    }

    /** The row, or why it cannot be measured on this machine. */
    private static Target checked(Target target) {
        for (Cell cell : target.cells()) {
            Optional<String> missing = missing(cell);
            if (missing.isPresent()) {
                return target.unable(cell.column() + " is " + missing.get());
            }
        }
        return target;
    }

    private static Optional<String> missing(Cell cell) {
        if (cell.column().startsWith(SideBySide.C_WITH)) {
            NativeLibrary library = SideBySide.preloaded(cell.column());
            return library.missing();
        }
        return Allocators.missing(cell.column());
    }

    private List<Sample> measure(List<Target> targets, SideBySide processes) throws IOException, InterruptedException {
        Set<Cell> cells = new LinkedHashSet<>();
        // All columns of a workload one after the other, so that they meet the same machine.
        for (Target target : targets) {
            for (Cell cell : target.cells()) {
                targets.stream()
                        .flatMap(other -> other.cells().stream())
                        .filter(other -> other.row().name().equals(cell.row().name()))
                        .forEach(cells::add);
            }
        }
        List<Sample> samples = new ArrayList<>();
        int times = quick ? 1 : repetitions;
        long started = System.nanoTime();
        long limit = Duration.ofMinutes(minutes).toNanos();
        try (ProgressBar bar = new ProgressBarBuilder()
                .setTaskName("targets")
                .setInitialMax((long) times * cells.size())
                .setUpdateIntervalMillis(500)
                .build()) {
            for (int done = 0; done < times; done++) {
                if (done > 0 && (System.nanoTime() - started) / done * (done + 1) > limit) {
                    System.err.println("\nno time for more than " + done + " repetitions");
                    break;
                }
                for (Cell cell : cells) {
                    bar.setExtraMessage(cell.row().name() + ", " + cell.column());
                    run(processes, cell).ifPresent(samples::add);
                    bar.step();
                }
            }
        }
        return samples;
    }

    /** A run that fails leaves its row without a figure, and the others go on. */
    private Optional<Sample> run(SideBySide processes, Cell cell) throws IOException, InterruptedException {
        Row row = cell.row();
        try {
            Optional<RecordedProgram> program =
                    programs.stream().filter(each -> each.row().equals(row)).findFirst();
            if (program.isPresent()) {
                return Optional.of(program.get().sample(cell.column(), Duration.ofMillis(warmMillis()), REPLAYED));
            }
            return Optional.of(
                    row.equals(TargetList.START)
                            ? FirstAddress.sample(row.name(), cell.column())
                            : processes.run(row, cell.column()));
        } catch (IllegalStateException e) {
            failed = true;
            System.err.println("\nptmalloc4j targets: " + e.getMessage());
            return Optional.empty();
        }
    }

    /** The rows as Markdown, and how many are met. */
    static String table(List<Target> targets, List<Sample> samples) {
        StringBuilder text = new StringBuilder("| what | figure | spread | aim | |\n|---|---|---|---|---|\n");
        targets.forEach(target -> text.append(target.line(samples)));
        Function<Boolean, Long> count = met -> targets.stream()
                .filter(target -> target.aim() != null)
                .filter(target -> target.figure(samples)
                        .map(figure -> met == target.aim().met(figure.median()))
                        .orElse(false))
                .count();
        long aimed = targets.stream().filter(target -> target.aim() != null).count();
        long met = count.apply(true);
        long notMet = count.apply(false);
        return text.append("%n%d met, %d not met, %d not measured%n".formatted(met, notMet, aimed - met - notMet))
                .toString();
    }
}
