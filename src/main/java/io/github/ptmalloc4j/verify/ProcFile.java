package io.github.ptmalloc4j.verify;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Text files of /proc, whose lines may hold any bytes. */
final class ProcFile {
    private ProcFile() {}

    /** All lines of a file, or {@link UncheckedIOException}. */
    static List<String> lines(String path) {
        try {
            return Files.readAllLines(Path.of(path), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be read", e);
        }
    }

    /** The number in front of {@code kB}, as bytes. */
    static long kibibytes(String value) {
        return Long.parseLong(value.replace("kB", "").strip()) << 10;
    }
}
