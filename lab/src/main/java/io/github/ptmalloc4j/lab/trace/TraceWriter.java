package io.github.ptmalloc4j.lab.trace;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** Writes a trace in the form that {@link TraceReader} reads: a failing sequence, kept as a file, can be replayed. */
public final class TraceWriter {
    private TraceWriter() {}

    /**
     * Writes a file, compressed if its name ends in {@code .gz}.
     *
     * @throws IOException if the file cannot be written
     */
    public static void write(Trace trace, Path file) throws IOException {
        try (OutputStream raw = Files.newOutputStream(file);
                OutputStream out = file.toString().endsWith(".gz") ? new GZIPOutputStream(raw) : raw) {
            StringBuilder text = new StringBuilder();
            write(trace, text);
            out.write(text.toString().getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** Writes the header and one line an operation. */
    public static void write(Trace trace, Appendable out) {
        try {
            out.append(Integer.toString(trace.weight()))
                    .append('\n')
                    .append(Long.toString(trace.numberOfIds()))
                    .append('\n');
            out.append(Integer.toString(trace.operations())).append('\n');
            out.append(Long.toString(trace.peakLiveBytes())).append('\n');
            int thread = 0;
            for (int i = 0; i < trace.operations(); i++) {
                if (trace.thread(i) != thread) {
                    thread = trace.thread(i);
                    out.append("@ ").append(Integer.toString(thread)).append('\n');
                }
                out.append(trace.line(i)).append('\n');
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the trace cannot be written", e);
        }
    }
}
