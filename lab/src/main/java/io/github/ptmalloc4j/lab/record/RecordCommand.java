package io.github.ptmalloc4j.lab.record;

import io.github.ptmalloc4j.lab.options.HelpOption;
import io.github.ptmalloc4j.lab.trace.BadTrace;
import io.github.ptmalloc4j.lab.trace.Trace;
import io.github.ptmalloc4j.lab.trace.TraceReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ptmalloc4j record -- PROGRAM ARGUMENT…}: runs a program under heaptrack and keeps its calls as a trace. */
@Command(
        name = "record",
        header = "Runs a program under heaptrack and keeps its calls of malloc as a trace for replay.",
        description = {
            "",
            "heaptrack writes calloc and aligned allocations as malloc, realloc as free and malloc, and no threads.",
            "What the program prints, and what it reads, is its own.",
            ""
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:the trace is written",
            "1:the program or heaptrack ended with another status than 0; if there is a trace, it is kept",
            "2:heaptrack is not installed, the program cannot be started, or the file cannot be written"
        })
public final class RecordCommand implements Callable<Integer> {
    private static final int RECORDED = 0;
    private static final int FAILED = 1;
    private static final int BAD_INPUT = 2;
    private static final String HEAPTRACK = "heaptrack";

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description =
                    "The trace to write (default: PROGRAM.raw.zst, or .gz where heaptrack was built without zstd).")
    private Path output;

    @Parameters(paramLabel = "PROGRAM", arity = "1..*", description = "The program and its arguments, after --.")
    private List<String> command;

    @Mixin
    private HelpOption help;

    @Spec
    private CommandSpec spec;

    /** Where programs are looked for: PATH, or what a test puts in its place. */
    private final String path;

    /** The command as the user has it. */
    public RecordCommand() {
        this(Optional.ofNullable(System.getenv("PATH")).orElse(""));
    }

    RecordCommand(String path) {
        this.path = path;
    }

    @Override
    public Integer call() throws InterruptedException {
        Optional<Path> heaptrack = onPath(HEAPTRACK);
        if (heaptrack.isEmpty()) {
            return complain(
                    "to record a program heaptrack is needed, which is not installed: apt-get install heaptrack");
        }
        String program = command.getFirst();
        if (onPath(program).isEmpty()) {
            return complain(program + ": there is no such program");
        }
        if (output != null && Files.isDirectory(output)) {
            return complain(output + ": this is a directory, not a file to write the trace to");
        }
        Path directory = output == null
                ? Path.of("").toAbsolutePath()
                : output.toAbsolutePath().getParent();
        if (!Files.isDirectory(directory) || !Files.isWritable(directory)) {
            return complain(directory + ": the trace cannot be written into this directory");
        }
        try {
            return record(heaptrack.get(), directory);
        } catch (IOException e) {
            return complain("the trace cannot be written: " + e.getMessage());
        }
    }

    /** The recording is made in a directory of its own beside the trace: heaptrack adds endings as it likes. */
    private int record(Path heaptrack, Path directory) throws IOException, InterruptedException {
        Path scratch = Files.createTempDirectory(directory, ".ptmalloc4j-record-");
        try {
            List<String> all = new ArrayList<>(List.of(
                    heaptrack.toString(), "-r", "-o", scratch.resolve("trace").toString()));
            all.addAll(command);
            int status = new ProcessBuilder(all).inheritIO().start().waitFor();
            Optional<Path> recording = recording(scratch);
            if (recording.isEmpty()) {
                spec.commandLine().getErr().println("heaptrack ended with status " + status + " and left no trace");
                return FAILED;
            }
            Path trace = keep(recording.get(), directory);
            return status == 0 ? tell(trace) : warn(trace, status);
        } finally {
            delete(scratch);
        }
    }

    private Path keep(Path recording, Path directory) throws IOException {
        String name = recording.getFileName().toString();
        Path trace = output != null
                ? output
                : directory.resolve(Path.of(command.getFirst()).getFileName() + name.substring(name.indexOf('.')));
        return Files.move(recording, trace, StandardCopyOption.REPLACE_EXISTING);
    }

    private int tell(Path file) {
        PrintWriter out = spec.commandLine().getOut();
        try {
            Trace trace = TraceReader.read(file);
            out.printf(
                    "%s: %,d operations, peak live %,d bytes; ./ptmalloc4j replay %s%n",
                    file, trace.operations(), trace.peakLiveBytes(), file);
            return RECORDED;
        } catch (BadTrace e) {
            spec.commandLine().getErr().println(e.getMessage());
            return FAILED;
        }
    }

    private int warn(Path trace, int status) {
        tell(trace);
        spec.commandLine().getErr().printf("%s ended with status %d%n", command.getFirst(), status);
        return FAILED;
    }

    private int complain(String sentence) {
        spec.commandLine().getErr().println(sentence);
        return BAD_INPUT;
    }

    private static Optional<Path> recording(Path scratch) throws IOException {
        try (Stream<Path> files = Files.list(scratch)) {
            return files.filter(file -> file.getFileName().toString().startsWith("trace."))
                    .findFirst();
        }
    }

    private Optional<Path> onPath(String program) {
        if (program.contains("/")) {
            return Optional.of(Path.of(program)).filter(Files::isExecutable);
        }
        return Stream.of(path.split(":"))
                .filter(directory -> !directory.isEmpty())
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
