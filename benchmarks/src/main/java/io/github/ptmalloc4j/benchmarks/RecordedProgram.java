package io.github.ptmalloc4j.benchmarks;

import io.github.ptmalloc4j.benchmarks.SideBySide.Row;
import io.github.ptmalloc4j.benchmarks.allocators.Allocators;
import io.github.ptmalloc4j.lab.compare.TraceCost;
import io.github.ptmalloc4j.lab.trace.BadTrace;
import io.github.ptmalloc4j.lab.trace.TraceReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The trace of a program, which is replayed.
 *
 * @param file of the trace
 * @param threads that the program had
 */
record RecordedProgram(Path file, int threads) {
    private static final String PREFIX = "replay ";

    /**
     * The traces of a directory, in the order of their names: all its files but hidden ones and those called README.
     *
     * @throws BadTrace whose message is one sentence, if one of them is no trace
     * @throws IOException whose message is one sentence, if the directory cannot be read or has none
     */
    static List<RecordedProgram> in(Path directory) throws BadTrace, IOException {
        if (!Files.isDirectory(directory)) {
            throw new IOException(directory + ": there is no such directory");
        }
        List<Path> files;
        try (Stream<Path> all = Files.list(directory)) {
            files = all.filter(Files::isRegularFile)
                    .filter(file -> !file.getFileName().toString().matches("\\..*|README.*"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new IOException(
                    directory + ": the directory cannot be read ("
                            + e.getClass().getSimpleName() + ")",
                    e);
        }
        if (files.isEmpty()) {
            throw new IOException(directory + ": the directory has no traces");
        }
        List<RecordedProgram> programs = new ArrayList<>();
        for (Path file : files) {
            programs.add(new RecordedProgram(file, TraceReader.read(file).threads()));
        }
        return programs;
    }

    /** The row of its name. */
    Row row() {
        return new Row(PREFIX + file.getFileName().toString().replaceFirst("\\.rep(\\.gz|\\.zst)?$", ""), 1);
    }

    /**
     * Replays it.
     *
     * @param column as {@link SideBySide} names it: the C library from C, or one of our heaps
     * @throws IllegalStateException if that fails; the message is one sentence
     */
    Sample sample(String column, Duration warmUp, Duration measured) throws IOException {
        TraceCost cost;
        try {
            cost = TraceCost.measure(file, nameInLab(column), warmUp, measured);
        } catch (BadTrace e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
        return new Sample(
                row().name(),
                column,
                cost.operations(),
                cost.wallNanos(),
                cost.cpuNanos(),
                cost.peakResidentBytes(),
                cost.peakHeapBytes(),
                cost.peakLiveBytes(),
                0,
                cost.minorFaults(),
                0,
                0);
    }

    private static String nameInLab(String column) {
        return switch (column) {
            case SideBySide.C -> "glibc";
            case Allocators.PTMALLOC4J_GLIBC -> "ptmalloc4j";
            case Allocators.PTMALLOC4J_SERVICE -> "ptmalloc4j-service";
            default -> throw new IllegalArgumentException("no trace is replayed on " + column);
        };
    }
}
