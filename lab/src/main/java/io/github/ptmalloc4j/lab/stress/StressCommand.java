package io.github.ptmalloc4j.lab.stress;

import io.github.ptmalloc4j.lab.options.HelpOption;
import io.github.ptmalloc4j.lab.options.SeedOption;
import io.github.ptmalloc4j.lab.options.TunablesOption;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import java.io.Console;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ptmalloc4j stress}: many threads on one heap, every block checked. */
@Command(
        name = "stress",
        header = "Lets many threads loose on a heap and checks every block; prints one row a mix: operations,"
                + " checks, errors.",
        description = {
            "",
            "Every block is filled with a pattern of its owner and verified by whoever frees it. calloc must give"
                    + " zeros, memalign its alignment, realloc the old contents. At the end of each round, with all"
                    + " threads quiet, every invariant of the heap must hold, and once all is freed nothing"
                    + " may be in use. Each mix runs on a heap of its own:",
            "  random calls  all calls, own blocks and others', through slots that all threads share",
            "  larson        each thread inherits the blocks of one that has ended",
            "  mstress       threads come and go; some blocks migrate, some are large",
            "  xmalloc       some threads only allocate, others only free",
            ""
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {"0:no error", "1:an error; a sentence says what and where", "2:the command line is wrong"})
public final class StressCommand implements Callable<Integer> {
    private static final String ROW = "%-14s%10s%16s%16s%12s%10s%10s";
    private static final int WIDTH = 88;

    /** Runs one mix. */
    @FunctionalInterface
    interface Runner {
        StressResult run(StressPlan plan, Mix mix) throws InterruptedException;
    }

    private final Runner runner;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description = "Time for all mixes together (default: ${DEFAULT-VALUE}).")
    private double seconds = 10;

    @Option(names = "--threads", paramLabel = "N", description = "Threads at a time (default: twice the processors).")
    private int threads = 2 * Runtime.getRuntime().availableProcessors();

    @Option(names = "--virtual", description = "Use virtual threads.")
    private boolean virtual;

    @Mixin
    private SeedOption seed;

    @Mixin
    private TunablesOption tunables;

    @Option(names = "--service", description = "The heap's settings are the preset for services.")
    private boolean service;

    @Mixin
    private HelpOption help;

    @Spec
    private CommandSpec spec;

    /** The command as users know it. */
    public StressCommand() {
        this(Stress::run);
    }

    StressCommand(Runner runner) {
        this.runner = runner;
    }

    @Override
    public Integer call() throws InterruptedException {
        StressPlan plan = plan();
        PrintWriter out = spec.commandLine().getOut();
        out.println("%,d %s threads, %s, seed %d"
                .formatted(
                        threads,
                        virtual ? "virtual" : "platform",
                        service ? "service preset" : "glibc's settings and --tunables",
                        plan.seed()));
        row("mix", "rounds", "operations", "checks", "refused", "errors", "seconds");
        StressResult total = new StressResult("total", 0, 0, 0, 0, 0, List.of(), 0);
        for (Mix mix : Mix.values()) {
            progress("    " + mix.label() + " ...");
            StressResult result = runner.run(plan, mix);
            progress("\r\033[K");
            row(result);
            result.first().forEach(violation -> out.println("  " + violation + "; seed " + plan.seed()));
            total = total.plus(result);
        }
        out.println("─".repeat(WIDTH));
        row(total);
        return total.errors() == 0 ? 0 : 1;
    }

    private StressPlan plan() {
        if (!(seconds >= 0) || threads < 1) {
            throw new ParameterException(spec.commandLine(), "--seconds must be 0 or more, --threads 1 or more");
        }
        if (service && tunables.isGiven()) {
            throw new ParameterException(spec.commandLine(), "--service and --tunables exclude each other");
        }
        Tunables settings = service ? Tunables.service() : tunables.settings().tunables();
        return new StressPlan(seconds, threads, virtual, seed.choose(), settings);
    }

    private void row(StressResult result) {
        row(
                result.mix(),
                "%,d".formatted(result.rounds()),
                "%,d".formatted(result.operations()),
                "%,d".formatted(result.checks()),
                "%,d".formatted(result.refused()),
                "%,d".formatted(result.errors()),
                "%.1f".formatted(result.nanos() / 1e9));
    }

    private void row(Object... cells) {
        spec.commandLine().getOut().println(ROW.formatted(cells));
        spec.commandLine().getOut().flush();
    }

    /** On a terminal only. */
    private static void progress(String text) {
        Console console = System.console();
        if (console != null && console.isTerminal()) {
            System.err.print(text);
            System.err.flush();
        }
    }
}
