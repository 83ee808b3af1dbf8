package io.github.ptmalloc4j.lab.replay;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.github.ptmalloc4j.lab.compare.ComparisonReport;
import io.github.ptmalloc4j.lab.options.HelpOption;
import io.github.ptmalloc4j.lab.options.TunablesOption;
import io.github.ptmalloc4j.lab.trace.BadTrace;
import io.github.ptmalloc4j.lab.trace.Op;
import io.github.ptmalloc4j.lab.trace.Trace;
import io.github.ptmalloc4j.lab.trace.TraceReader;
import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.ProgramBreak;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code ptmalloc4j replay TRACE…}: recorded programs on a real heap, one row each, or on several allocators side by side. */
@Command(
        name = "replay",
        header = "Replays recorded allocation traces on a heap and checks every block's contents, or on several"
                + " allocators side by side: time, peak memory, utilisation, page faults, system calls.",
        description = {
            "",
            "Each trace runs on fresh heaps, in passes:",
            "  timed passes  make the calls and touch nothing, once the JIT compiler is warm. The column",
            "                \"ns per oper.\" is their median; the page faults that the engine",
            "                itself takes are in it.",
            "  checked pass  fills every block with a pattern of its own, and reads it again when it is",
            "                freed or reallocated and at the end. calloc must give zeros, memalign its",
            "                alignment, and the invariants of the heap must hold. Every other column is",
            "                measured here.",
            "",
            "  operations    calls of the allocator: all lines but those of w",
            "  peak live     the largest sum of the requested bytes of live blocks",
            "  peak heap     the largest sum of the break's growth and the mapped bytes",
            "  utilisation   peak live / peak heap; of all traces, the mean",
            "  minor faults  of the thread: blocks touched for the first time, and the engine's own",
            "  resident      pages in memory when the trace ends, of blocks still live and of free ones",
            "  system calls  by the heap between the first operation and the last",
            "",
            "Calls of several threads are made by one thread, in the order in which they were recorded.",
            "",
            "With --allocators or --html traces are compared instead: each allocator replays each trace",
            "in processes of its own, native ones in C. Threads are replayed by threads; a block that",
            "changes hands does so in the recorded order. What the columns mean is said below the tables.",
            ""
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:all traces ran clean; an allocator that is not installed is no failure",
            "1:a heap did something that it must not do, or a replay ended early; a sentence says what and where",
            "2:a trace cannot be read or is malformed (FILE:LINE: sentence), or an option is wrong"
        })
public final class ReplayCommand implements Callable<Integer> {
    private static final int CLEAN = 0;
    private static final int FAILED = 1;
    private static final int BAD_INPUT = 2;
    private static final String ALL = "all";

    @Parameters(
            paramLabel = "TRACE",
            arity = "1..*",
            description = "A file of the malloc lab (.rep; the forms of its lines are below), heaptrack (raw or"
                    + " interpreted), mtrace, valgrind --trace-malloc=yes, Android's memory_replay or Mozilla's logalloc,"
                    + " as it is or packed with gzip or zstd. What it is shows in its contents.")
    private List<Path> files;

    @Option(
            names = "--allocators",
            paramLabel = "NAME,…",
            split = ",",
            converter = AllocatorConverter.class,
            description = "Compare these allocators, named below; all is every one of them.")
    private List<String> allocators;

    @Option(
            names = "--html",
            paramLabel = "PAGE",
            description = "Compare, and write tables and curves over time as one page that needs no network. Without"
                    + " --allocators: ptmalloc4j, ptmalloc4j-service, glibc, jemalloc, mimalloc, tcmalloc.")
    private Path html;

    @Option(
            names = "--passes",
            paramLabel = "NUMBER",
            description = "Compare: how many passes to time at least (default: ${DEFAULT-VALUE}).")
    private int passes = 5;

    @Option(
            names = "--scores",
            paramLabel = "RULES",
            description =
                    "Compare: a file of rules to score by, in the form of scores.json among the program's resources,"
                            + " with the thresholds of your course.")
    private Path scores;

    @Option(
            names = "--program-break",
            description = "Use the break of the process, [heap] in /proc/self/maps, instead of private heaps.")
    private boolean programBreak;

    @Mixin
    private TunablesOption tunables;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            description = "Time to give the JIT compiler for each trace before the clock counts"
                    + " (default: ${DEFAULT-VALUE}).")
    private double warmUp = 2;

    @Option(names = "--json", description = "Print the same as data; compared, with all passes and samples.")
    private boolean json;

    @Mixin
    private HelpOption help;

    private CommandSpec spec;
    private boolean failed;

    @Spec
    void spec(CommandSpec commandSpec) {
        spec = commandSpec;
        spec.usageMessage().footer(formsOfLines());
    }

    @Override
    public Integer call() {
        List<Trace> traces = new ArrayList<>();
        try {
            for (Path file : files) {
                traces.add(TraceReader.read(file));
            }
            if (programBreak) {
                // Take the break and let go of it: what stands in the way is said before any work is done.
                ProgramBreak.claim(Linux.KERNEL).close();
            }
        } catch (BadTrace | IllegalStateException e) {
            spec.commandLine().getErr().println(e.getMessage());
            return BAD_INPUT;
        }
        if (allocators != null || html != null) {
            return compare(traces);
        }
        replayAll(traces);
        return failed ? FAILED : CLEAN;
    }

    private int compare(List<Trace> traces) {
        CommandLine commandLine = spec.commandLine();
        if (passes < 1) {
            throw new ParameterException(commandLine, "--passes is 1 or more, not " + passes);
        }
        List<String> names = allocators == null ? ComparisonReport.USUAL : allocators;
        if (names.contains(ALL)) {
            names = List.copyOf(ComparisonReport.allocators().keySet());
        }
        try {
            ComparisonReport report = new ComparisonReport(new ComparisonReport.Options(
                    names.stream().distinct().toList(),
                    tunables.settings().text(),
                    programBreak,
                    warmUpTime(),
                    passes,
                    html,
                    scores,
                    json,
                    commandTyped()));
            return report.run(traces, commandLine.getOut(), ReplayProgress::of) ? CLEAN : FAILED;
        } catch (IOException e) {
            commandLine.getErr().println(e.getMessage());
            return BAD_INPUT;
        }
    }

    private String commandTyped() {
        return spec.root().commandLine().getParseResult().originalArgs().stream()
                .map(word -> word.matches("[\\w./:=,@%+-]+") ? word : "'" + word.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" ", "./ptmalloc4j ", ""));
    }

    private Duration warmUpTime() {
        return Duration.ofMillis((long) (warmUp * 1000));
    }

    private void replayAll(List<Trace> traces) {
        PrintWriter out = spec.commandLine().getOut();
        ReplayTable table = new ReplayTable(json ? new PrintWriter(Writer.nullWriter()) : out);
        List<ReplayResult> results = new ArrayList<>();
        table.head();
        for (Trace trace : traces) {
            replay(trace).ifPresent(result -> {
                results.add(result);
                table.row(result);
            });
        }
        ReplayTotal total = ReplayTotal.of(results);
        table.total(total);
        table.legend(results);
        if (json) {
            out.println(asJson(results, total));
            out.flush();
        }
    }

    private Optional<ReplayResult> replay(Trace trace) {
        try (ReplayProgress progress = ReplayProgress.of(trace.name())) {
            HeapSource heaps = new HeapSource(programBreak, tunables.settings().tunables());
            return Optional.of(new Replay(trace, heaps, warmUpTime(), progress::done).run());
        } catch (ReplayFailure e) {
            failed = true;
            spec.commandLine().getErr().println(e.getMessage());
            return Optional.empty();
        }
    }

    private String asJson(List<ReplayResult> results, ReplayTotal total) {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("heap", programBreak ? "program break" : "private");
        report.put("tunables", tunables.settings().tunables());
        report.put("traces", results);
        report.put("total", total);
        try {
            return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(report);
        } catch (JsonProcessingException e) {
            throw new AssertionError("records of numbers have a JSON form", e);
        }
    }

    private static String[] formsOfLines() {
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.add(
                "A trace has four header lines (weight, ids, operations, peak live bytes), then one operation a line:");
        for (Op op : Op.values()) {
            lines.add("  %-22s%s".formatted(op.form(), op.meaning()));
        }
        lines.add("  %-22s%s".formatted("@ THREAD", "the lines that follow are of this thread; at first of thread 0"));
        lines.add("Empty lines and lines that begin with # are skipped. An id may be used again once it is freed.");
        lines.add("");
        lines.add("Allocators to compare:");
        ComparisonReport.allocators().forEach((name, what) -> lines.add("  %-22s%s".formatted(name, what)));
        return lines.toArray(String[]::new);
    }

    /** Reads one of the names of {@code --allocators}. */
    static final class AllocatorConverter implements ITypeConverter<String> {
        @Override
        public String convert(String value) {
            if (!value.equals(ALL) && !ComparisonReport.allocators().containsKey(value)) {
                throw new TypeConversionException("there is no allocator " + value + "; they are "
                        + String.join(", ", ComparisonReport.allocators().keySet()));
            }
            return value;
        }
    }
}
