package io.github.ptmalloc4j.lab.trace;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Reads a trace in any of the forms below, as it is or compressed with gzip or zstd. Form and compression are recognised
 * by what the file contains, never by its name.
 *
 * <table>
 * <caption>Forms</caption>
 * <tr><td>{@link RepFormat}</td><td>the malloc lab's {@code .rep}, all headers, with letters and threads of ours</td></tr>
 * <tr><td>{@link HeaptrackFormat}</td><td>heaptrack, raw or interpreted</td></tr>
 * <tr><td>{@link MtraceFormat}</td><td>the C library's mtrace</td></tr>
 * <tr><td>{@link ValgrindFormat}</td><td>valgrind --trace-malloc=yes</td></tr>
 * <tr><td>{@link MemoryReplayFormat}</td><td>Android's memory_replay, with threads</td></tr>
 * <tr><td>{@link LogallocFormat}</td><td>Mozilla's logalloc, with threads</td></tr>
 * </table>
 */
public final class TraceReader {
    private static final int GZIP_MAGIC = 0x1f8b;
    private static final int ZSTD_MAGIC = 0x28b52ffd;
    private static final int MAGIC_BYTES = 4;
    /** Lines in which valgrind's first may stand: before it the program may speak. */
    private static final int LOOK_AHEAD = 200;

    private static final Pattern HEAPTRACK = Pattern.compile("v [0-9a-f]+ [0-9a-f]+\\s*");
    private static final Pattern MTRACE = Pattern.compile("= Start\\s*|@ \\S.* [-+<>!] 0x.*|[-+<>!] 0x.*");
    private static final Pattern VALGRIND = Pattern.compile("(==\\d+==|--\\d+--) .*");
    private static final Pattern MEMORY_REPLAY = Pattern.compile("\\d+: [a-z_]+ (0x)?[0-9a-f]+.*");
    private static final Pattern LOGALLOC = Pattern.compile("\\d+ \\d+ \\w+\\(.*");

    private TraceReader() {}

    /**
     * Reads a whole file and holds it to the rules.
     *
     * @throws BadTrace if it cannot be read or cannot be replayed; the message is {@code FILE:LINE: sentence}, or
     *     {@code FILE: sentence} where there is no line
     */
    public static Trace read(Path file) throws BadTrace {
        if (Files.isDirectory(file)) {
            throw new BadTrace(file + ": this is a directory, not a trace");
        }
        try (InputStream raw = Files.newInputStream(file)) {
            return read(file.toString(), raw);
        } catch (NoSuchFileException e) {
            throw new BadTrace(file + ": there is no such file", e);
        } catch (IOException e) {
            throw new BadTrace(
                    file + ": the file cannot be read (" + e.getClass().getSimpleName() + ")", e);
        }
    }

    /** Reads a trace from a stream, which stays open; {@code file} is what messages call it. */
    static Trace read(String file, InputStream raw) throws BadTrace, IOException {
        Lines lines = lines(file, new BufferedInputStream(raw, 1 << 16));
        return formatOf(lines.peek(LOOK_AHEAD)).read(lines);
    }

    private static Lines lines(String file, BufferedInputStream in) throws BadTrace, IOException {
        int magic = magic(in);
        if (magic >>> 16 == GZIP_MAGIC) {
            try {
                return new Lines(file, "gzip", new GZIPInputStream(in, 1 << 16));
            } catch (IOException e) {
                throw new BadTrace(file + ":1: the gzip data is broken", e);
            }
        }
        if (magic == ZSTD_MAGIC) {
            return new Lines(file, "zstd", new Zstd(in));
        }
        if (file.endsWith(".gz")) {
            throw new BadTrace(file + ":1: the file is not in gzip form, as its name says");
        }
        if (file.endsWith(".zst")) {
            throw new BadTrace(file + ":1: the file is not in zstd form, as its name says");
        }
        return new Lines(file, "", in);
    }

    private static int magic(BufferedInputStream in) throws IOException {
        in.mark(MAGIC_BYTES);
        int magic = 0;
        for (int i = 0; i < MAGIC_BYTES; i++) {
            magic = magic << 8 | in.read() & 0xff;
        }
        in.reset();
        return magic;
    }

    /** The form of a text that begins with these lines; the malloc lab's, whose messages are plainest, if it has none. */
    private static TraceFormat formatOf(List<String> lines) {
        String first =
                lines.stream().filter(line -> !line.isBlank()).findFirst().orElse("");
        if (HEAPTRACK.matcher(first).matches()) {
            return new HeaptrackFormat();
        }
        if (MTRACE.matcher(first).matches()) {
            return new MtraceFormat();
        }
        if (MEMORY_REPLAY.matcher(first).matches()) {
            return new MemoryReplayFormat();
        }
        if (LOGALLOC.matcher(first).matches()) {
            return new LogallocFormat();
        }
        if (lines.stream().anyMatch(line -> VALGRIND.matcher(line).matches())) {
            return new ValgrindFormat();
        }
        return new RepFormat();
    }

    /** Says what is wrong in the terms of java.util.zip. */
    private static final class Zstd extends FilterInputStream {
        Zstd(InputStream in) throws IOException {
            super(new ZstdInputStream(in));
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                return super.read(bytes, offset, length);
            } catch (ZstdIOException e) {
                String message = String.valueOf(e.getMessage());
                throw message.contains("Truncated") ? new EOFException(message) : new ZipException(message);
            }
        }
    }
}
