package io.github.ptmalloc4j.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs workloads in processes of their own, by turns on the C library and on our heap, so that what disturbs the machine
 * disturbs all alike.
 */
final class SideBySide {
    /** The column of the C program on the C library's malloc. */
    static final String C = "C";

    /** How long a heap idles in the end, in milliseconds, where what stays resident is asked. */
    private static final int IDLE_MILLIS = 2500;

    private final Path program;
    private final int warmMillis;
    private final long divisor;

    /** A run of full length, or for a first impression. */
    SideBySide(boolean quick) throws IOException, InterruptedException {
        program = compile();
        warmMillis = quick ? 600 : 1500;
        divisor = quick ? 4 : 1;
    }

    /**
     * A workload and how much of it.
     *
     * @param name as {@link Workload#named} takes it
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
        output(List.of("gcc", "-O2", "-fno-builtin", "-pthread", "-o", program.toString(), source.toString()));
        for (Path path : List.of(directory, source, program)) {
            path.toFile().deleteOnExit();
        }
        return program;
    }

    /** Every row on every column, {@code repetitions} times over. */
    List<Sample> run(List<Row> rows, List<String> columns, int repetitions) throws IOException, InterruptedException {
        List<Sample> samples = new ArrayList<>();
        for (int repetition = 0; repetition < repetitions; repetition++) {
            for (Row row : rows) {
                for (String column : columns) {
                    samples.add(run(row, column));
                }
                System.err.print('.');
            }
            System.err.println();
        }
        return samples;
    }

    private Sample run(Row row, String column) throws IOException, InterruptedException {
        String operations = Long.toString(row.operations / divisor);
        String idle = Integer.toString(row.idles() ? IDLE_MILLIS : 0);
        List<String> command = new ArrayList<>();
        if (column.equals(C)) {
            command.addAll(List.of(program.toString(), operations, idle));
            command.addAll(List.of(row.name.split(" ")));
        } else {
            command.addAll(java());
            command.addAll(List.of(operations, idle, Integer.toString(warmMillis), column, row.name));
        }
        return Sample.parse(row.name, column, output(command));
    }

    /** The Java heap is small and all touched at the start: what becomes resident later is ours. */
    private static List<String> java() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms128m",
                "-Xmx128m",
                "-XX:+AlwaysPreTouch",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                MeasuredRun.class.getName());
    }

    /** What a command prints; its complaints go where ours go. */
    static String output(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IllegalStateException(command + " ended with " + process.exitValue());
        }
        return output;
    }
}
