package io.github.ptmalloc4j.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;

/** Raw data with where and how it came about. */
final class ReportFile {
    /** {@code benchmarks/results}, or {@code results} from elsewhere than the project's root. */
    static final Path RESULTS =
            Files.isDirectory(Path.of("benchmarks")) ? Path.of("benchmarks", "results") : Path.of("results");

    private ReportFile() {}

    /** Writes {@code NAME-TIME.csv} into a directory, which is made if need be. */
    static Path write(Path directory, String name, String command, List<Sample> samples)
            throws IOException, InterruptedException {
        Files.createDirectories(directory);
        LocalDateTime now = LocalDateTime.now();
        Path file = directory.resolve(name + now.format(DateTimeFormatter.ofPattern("-yyyyMMdd-HHmm")) + ".csv");
        List<String> lines = new ArrayList<>();
        lines.add("# date: " + now.format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm")));
        lines.add("# cpu: " + cpuModel() + ", " + Runtime.getRuntime().availableProcessors() + " cores");
        lines.add("# kernel: " + System.getProperty("os.version"));
        lines.add("# jdk: " + System.getProperty("java.vendor") + " " + Runtime.version());
        lines.add("# libc: "
                + SideBySide.output(List.of("getconf", "GNU_LIBC_VERSION")).strip());
        lines.add("# load at the end: "
                + Files.readString(Path.of("/proc/loadavg")).strip());
        lines.add("# command: " + command);
        lines.add(Sample.CSV_HEADER);
        samples.forEach(sample -> lines.add(sample.csv()));
        return Files.write(file, lines);
    }

    private static String cpuModel() throws IOException {
        return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("unknown");
    }
}
