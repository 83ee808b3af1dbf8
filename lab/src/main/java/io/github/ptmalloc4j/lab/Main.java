package io.github.ptmalloc4j.lab;

import io.github.ptmalloc4j.lab.conform.ConformCommand;
import io.github.ptmalloc4j.lab.record.RecordCommand;
import io.github.ptmalloc4j.lab.replay.ReplayCommand;
import io.github.ptmalloc4j.lab.stress.StressCommand;
import io.github.ptmalloc4j.lab.verify.VerifyCommand;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Properties;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line: {@code ptmalloc4j COMMAND}. Alone it explains itself. */
@Command(
        name = "ptmalloc4j",
        description = {"glibc's malloc, written in Java over real Linux system calls.", ""},
        synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "%nCommands:%n",
        subcommands = {
            VerifyCommand.class,
            ReplayCommand.class,
            RecordCommand.class,
            ConformCommand.class,
            StressCommand.class
        },
        versionProvider = Main.Version.class,
        footer = {
            "  bench    Runs JMH benchmarks of this and other allocators; takes JMH's arguments.",
            "  targets  Measures what the allocator aims at and prints each row, met or not.",
            "",
            "ptmalloc4j COMMAND --help explains a command; bench -h explains JMH's arguments."
        })
public final class Main implements Runnable {
    /** Exit status for input that cannot be used: a command, an option, a file. */
    static final int BAD_INPUT = 2;
    /** Exit status for a defect of the program itself; EX_SOFTWARE of sysexits.h. */
    static final int DEFECT = 70;

    private static final int WIDTH = 100;
    private static final String DEBUG_VARIABLE = "PTMALLOC4J_DEBUG";

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Explain the commands.")
    private boolean help;

    @Option(names = "--version", versionHelp = true, description = "Print the version.")
    private boolean version;

    @Option(
            names = "--stacktrace",
            scope = ScopeType.INHERIT,
            description = "Print where in the program an unexpected error arose; so does " + DEBUG_VARIABLE
                    + "=1 in the environment.")
    private boolean stacktrace;

    @Spec
    private CommandSpec spec;

    private Main() {}

    /** Runs one command and exits with its status. */
    public static void main(String[] args) {
        System.exit(run(new PrintWriter(System.out), new PrintWriter(System.err), args));
    }

    /** Runs one command; returns the exit status. */
    static int run(PrintWriter out, PrintWriter err, String... args) {
        Main main = new Main();
        CommandLine commandLine = new CommandLine(main)
                .setOut(out)
                .setErr(err)
                .setUsageHelpWidth(WIDTH)
                .setParameterExceptionHandler((e, all) -> badInput(err, e))
                .setExecutionExceptionHandler((e, command, parsed) -> main.defect(err, e));
        try {
            return commandLine.execute(args);
        } catch (Error e) { // picocli hands over exceptions only.
            return main.defect(err, e);
        } finally {
            out.flush();
            err.flush();
        }
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    private static int badInput(PrintWriter err, ParameterException e) {
        String command = e.getCommandLine().getCommandSpec().qualifiedName();
        err.println("ptmalloc4j: " + oneLine(sentence(e)) + "; try " + command + " --help");
        return BAD_INPUT;
    }

    private static String sentence(ParameterException e) {
        if (!(e instanceof UnmatchedArgumentException unmatched)) {
            return e.getMessage();
        }
        List<String> words = unmatched.getUnmatched();
        CommandSpec command = e.getCommandLine().getCommandSpec();
        if (words.isEmpty()) {
            return e.getMessage();
        }
        if (words.get(0).startsWith("-")) {
            return command.qualifiedName() + " has no option " + words.get(0);
        }
        return command.parent() == null
                ? "there is no command " + words.get(0)
                : command.qualifiedName() + " takes no argument " + words.get(0);
    }

    private int defect(PrintWriter err, Throwable t) {
        err.println("ptmalloc4j: unexpected " + oneLine(t.toString()));
        if (stacktrace || System.getenv(DEBUG_VARIABLE) != null) {
            t.printStackTrace(err);
        }
        return DEFECT;
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", " ");
    }

    /** The version that Maven wrote into the jar. */
    static final class Version implements IVersionProvider {
        private static final String PROPERTIES = "/META-INF/maven/io.github.ptmalloc4j/ptmalloc4j-lab/pom.properties";

        @Override
        public String[] getVersion() {
            return new String[] {"ptmalloc4j " + version() + ", after glibc 2.36, on Java " + Runtime.version()};
        }

        private static String version() {
            try (InputStream in = Main.class.getResourceAsStream(PROPERTIES)) {
                if (in == null) {
                    return "(not packaged)";
                }
                Properties properties = new Properties();
                properties.load(in);
                return properties.getProperty("version");
            } catch (IOException e) {
                throw new UncheckedIOException("the version in the jar cannot be read", e);
            }
        }
    }
}
