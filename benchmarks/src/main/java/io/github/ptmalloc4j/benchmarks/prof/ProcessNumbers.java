package io.github.ptmalloc4j.benchmarks.prof;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Counters that the kernel keeps for this process, all its threads together. */
public final class ProcessNumbers {
    private static final long PAGE = 4096;

    private ProcessNumbers() {}

    /** Page faults served without a disk since the process began: field 10 of /proc/self/stat. */
    public static long minorFaults() {
        String stat = read("/proc/self/stat");
        // Field 2, the name in parentheses, may contain blanks: count from behind it, where field 3 begins.
        return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[7]);
    }

    /** Bytes in memory: field 2 of /proc/self/statm. */
    public static long resident() {
        return Long.parseLong(read("/proc/self/statm").split(" ")[1]) * PAGE;
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }
}
