package io.github.ptmalloc4j.lab.conform;

import io.github.ptmalloc4j.lab.options.HeapSettings;
import io.github.ptmalloc4j.lab.options.HelpOption;
import io.github.ptmalloc4j.lab.options.SeedOption;
import io.github.ptmalloc4j.lab.options.TunablesOption;
import io.github.ptmalloc4j.lab.trace.BadTrace;
import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.ProgramBreak;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ptmalloc4j conform}: the engine and the C library's own malloc, call for call. */
@Command(
        name = "conform",
        header =
                "Performs the same calls on the C library's malloc and on ours, and compares what comes back after each.",
        description = {
            "",
            "Compared after every operation: the address from the start of the heap, the usable size, the size word and the"
                    + " position of the break; every 1,000 operations and at the end: mallinfo2 and malloc_info. The C"
                    + " library works in a process of its own; it must be glibc 2.36.",
            "",
            "Without TRACE, random sequences of every temperament are compared under every setting. The first difference of"
                    + " a sequence is reported, and the sequence shrunk and kept as a trace that differs still.",
            ""
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:no difference, or nothing to compare with: the C library is another one",
            "1:there are differences",
            "2:a trace cannot be read, an option is wrong, or the oracle cannot be compiled"
        })
public final class ConformCommand implements Callable<Integer> {
    private static final int EQUAL = 0;
    private static final int DIFFERENT = 1;
    private static final int BAD_INPUT = 2;

    private static final String BOTH = "both";

    @Parameters(
            paramLabel = "TRACE",
            arity = "0..*",
            description = "Traces to compare instead of random sequences: .rep or .rep.gz, as replay reads them.")
    private List<Path> traces = List.of();

    @Option(
            names = "--ops",
            paramLabel = "N",
            description = "Compare at least N random operations (default: ${DEFAULT-VALUE}).")
    private long ops = 5_000_000;

    @Mixin
    private SeedOption seed;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Have each random sequence performed by N threads that take turns, 1 to "
                    + Operations.LAST_THREAD + " (default: ${DEFAULT-VALUE}).")
    private int threads = 1;

    @Option(
            names = TunablesOption.NAME,
            paramLabel = TunablesOption.LABEL,
            converter = HeapSettings.Converter.class,
            description = "Settings of both sides, as in GLIBC_TUNABLES; glibc.malloc. may be left out; repeatable."
                    + " Default: all that change placement; for a trace, those it names.")
    private List<HeapSettings> tunables = List.of();

    @Option(
            names = "--break",
            paramLabel = "private|program|both",
            description = "The break of our heaps (default: ${DEFAULT-VALUE}).")
    private String breakName = BOTH;

    @Option(names = "--check", description = "Verify every invariant of our heap after each operation. Slow.")
    private boolean checking;

    @Option(
            names = "--keep",
            paramLabel = "DIR",
            description = "Where to keep sequences that differ (default: native-tests/target/differences).")
    private Path kept;

    @Mixin
    private HelpOption help;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        List<BreakKind> breaks = breaks();
        if (threads < 1 || threads > Operations.LAST_THREAD) {
            throw wrong("the number of threads is 1 to " + Operations.LAST_THREAD + ", not " + threads, null);
        }
        Path oracle;
        try {
            oracle = OracleProgram.find();
        } catch (IOException e) {
            err().println("ptmalloc4j: " + e.getMessage());
            return BAD_INPUT;
        }
        String version = version(oracle);
        if (!version.equals(Oracle.VERSION)) {
            out().printf(
                            "nothing is compared: the C library here is glibc %s, and the engine is %s%n",
                            version, Oracle.VERSION);
            return finish(0, 0);
        }
        try {
            return compare(oracle, breaks);
        } catch (BadTrace e) {
            err().println(e.getMessage());
            return BAD_INPUT;
        }
    }

    private int compare(Path oracle, List<BreakKind> breaks) throws BadTrace, IOException {
        List<String> given = tunables.stream().map(HeapSettings::text).toList();
        Conformance conformance;
        try (ConformProgress progress = ConformProgress.of(traces.isEmpty() ? ops : 0, out())) {
            conformance = new Conformance(oracle, keptIn(), breaks, checking, progress::say, progress::done);
            if (traces.isEmpty()) {
                long chosen = seed.choose();
                progress.say("seed " + chosen);
                conformance.random(ops, chosen, given.isEmpty() ? settings() : given, threads);
            }
            for (Path trace : traces) {
                conformance.trace(trace, given);
            }
        }
        return finish(conformance.operations(), conformance.differences());
    }

    private List<String> settings() {
        return threads > 1 ? Conformance.threadedTunables() : Conformance.allTunables();
    }

    private int finish(long operations, int differences) {
        out().printf("operations compared: %d, differences: %d%n", operations, differences);
        out().flush();
        return differences == 0 ? EQUAL : DIFFERENT;
    }

    private static String version(Path oracle) {
        try (Oracle asked = new Oracle(oracle, "")) {
            return asked.version();
        }
    }

    private Path keptIn() {
        Path home = OracleProgram.home();
        if (kept != null) {
            return kept;
        }
        return home == null ? Path.of("") : home.resolve(Path.of("native-tests", "target", "differences"));
    }

    private List<BreakKind> breaks() {
        List<BreakKind> breaks =
                switch (breakName) {
                    case "private" -> List.of(BreakKind.PRIVATE);
                    case "program" -> List.of(BreakKind.PROGRAM);
                    case BOTH -> List.of(BreakKind.PRIVATE, BreakKind.PROGRAM);
                    default -> throw wrong("a break is private, program or both, not " + breakName, null);
                };
        if (breaks.contains(BreakKind.PROGRAM)) {
            requireProgramBreak();
        }
        return breaks;
    }

    /** Takes the break and lets go of it: what stands in the way is said before any work is done. */
    private void requireProgramBreak() {
        try {
            ProgramBreak.claim(Linux.KERNEL).close();
        } catch (IllegalStateException e) {
            throw wrong(e.getMessage(), e);
        }
    }

    private ParameterException wrong(String sentence, Throwable cause) {
        return new ParameterException(spec.commandLine(), sentence, cause);
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
