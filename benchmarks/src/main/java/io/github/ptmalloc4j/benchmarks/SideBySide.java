package io.github.ptmalloc4j.benchmarks;

import io.github.ptmalloc4j.benchmarks.allocators.NativeLibrary;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Runs workloads in processes of their own, by turns on the C library and on others, so that what disturbs the machine
 * disturbs all alike.
 */
final class SideBySide {
    /** The column of the C program on the C library's malloc. */
    static final String C = "C";

    /** With the name of a {@link NativeLibrary} behind it: the C program with that library preloaded. */
    static final String C_WITH = "C ";

    /** How long a heap idles in the end, in milliseconds, where what stays resident is asked. */
    private static final int IDLE_MILLIS = 2500;

    private final Path program;
    private final int warmMillis;
    private final long divisor;

    /** A run of full length, or for a first impression. */
    SideBySide(boolean quick) throws IOException, InterruptedException {
        this(quick ? 600 : 1500, quick ? 4 : 1);
    }

    /**
     * A run of any length.
     *
     * @param warmMillis for the JIT
     * @param divisor of the rows' operations
     */
    SideBySide(int warmMillis, long divisor) throws IOException, InterruptedException {
        this.program = compile();
        this.warmMillis = warmMillis;
        this.divisor = divisor;
    }

    /**
     * A workload and how much of it.
     *
     * @param name as {@link io.github.ptmalloc4j.benchmarks.workloads.Workload#named} takes it
     * @param operations of a full run
     */
    record Row(String name, long operations) {
        /** Whether what stays resident in the end is worth waiting for. */
        private boolean idles() {
            return name.startsWith("churn") || name.startsWith("phase");
        }
    }

    private static Path compile() throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("ptmalloc4j-benchmarks");
        Path source = directory.resolve("workloads.c");
        Path program = directory.resolve("workloads");
        try (InputStream text = SideBySide.class.getResourceAsStream("/workloads.c")) {
            Files.copy(text, source);
        }
        try {
            output(List.of("gcc", "-O2", "-fno-builtin", "-pthread", "-o", program.toString(), source.toString()));
        } catch (IOException e) {
            throw new IOException(
                    "the workloads in C need gcc, which is not installed (apt-get install gcc libc6-dev)", e);
        }
        for (Path path : List.of(directory, source, program)) {
            path.toFile().deleteOnExit();
        }
        return program;
    }

    /** Every row on every column, {@code repetitions} times over. */
    List<Sample> run(List<Row> rows, List<String> columns, int repetitions, Progress progress)
            throws IOException, InterruptedException {
        List<Sample> samples = new ArrayList<>();
        try (progress) {
            for (int repetition = 0; repetition < repetitions; repetition++) {
                for (Row row : rows) {
                    for (String column : columns) {
                        progress.next(row.name, column);
                        samples.add(run(row, column));
                    }
                }
            }
        }
        return samples;
    }

    /**
     * One row on one column.
     *
     * @throws IllegalStateException if the process fails; what it complained of went to where ours goes
     */
    Sample run(Row row, String column) throws IOException, InterruptedException {
        String operations = Long.toString(Math.max(1, row.operations / divisor));
        String idle = Integer.toString(row.idles() ? IDLE_MILLIS : 0);
        List<String> command = new ArrayList<>();
        if (inC(column)) {
            command.addAll(List.of(program.toString(), operations, idle));
            command.addAll(List.of(row.name.split(" ")));
        } else {
            command.addAll(java());
            command.addAll(List.of(
                    MeasuredRun.class.getName(), operations, idle, Integer.toString(warmMillis), column, row.name));
        }
        return Sample.parse(row.name, column, output(command, column));
    }

    private static boolean inC(String column) {
        return column.equals(C) || column.startsWith(C_WITH);
    }

    /** The library of a column of C with one preloaded. */
    static NativeLibrary preloaded(String column) {
        return NativeLibrary.valueOf(column.substring(C_WITH.length()).toUpperCase(Locale.ROOT));
    }

    /** The Java heap is small and all touched at the start: what becomes resident later is ours. */
    static List<String> java() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms384m",
                "-Xmx384m",
                "-XX:+AlwaysPreTouch",
                "-XX:+UseSerialGC",
                "-XX:MaxDirectMemorySize=2g",
                "-Dsun.misc.unsafe.memory.access=allow", // Or Netty goes without Unsafe, which is not its fastest.
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"));
    }

    private static String output(List<String> command, String column) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command);
        if (inC(column)) {
            builder.environment().remove("GLIBC_TUNABLES"); // Meant for our JVM; the C library would heed it.
        }
        if (column.startsWith(C_WITH)) {
            Path library = preloaded(column)
                    .file()
                    .orElseThrow(() -> new IllegalStateException(
                            column + ": " + preloaded(column).missing().orElseThrow()));
            builder.environment().put("LD_PRELOAD", library.toString());
        }
        return output(builder);
    }

    /** What a command prints; its complaints go where ours go. */
    static String output(List<String> command) throws IOException, InterruptedException {
        return output(new ProcessBuilder(command));
    }

    private static String output(ProcessBuilder builder) throws IOException, InterruptedException {
        Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String output = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IllegalStateException(String.join(" ", builder.command()) + " ended with " + process.exitValue());
        }
        return output;
    }
}
