package io.github.ptmalloc4j.lab.trace;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.zip.ZipException;

/** The lines of a trace, counted, with a look ahead, and the sentences about them. */
final class Lines {
    /** Characters of a bad line that a message shows. */
    private static final int QUOTED = 40;

    private final String file;
    private final String compression;
    private final BufferedReader in;
    private final Deque<String> ahead = new ArrayDeque<>();
    private int number;

    /**
     * Lines of a stream, which stays open.
     *
     * @param file what messages call it
     * @param compression the form that the stream is unpacked from, for messages
     */
    Lines(String file, String compression, InputStream in) {
        this.file = file;
        this.compression = compression;
        this.in = new BufferedReader(new InputStreamReader(in, StandardCharsets.ISO_8859_1), 1 << 16);
    }

    /** Makes sense of one line. */
    @FunctionalInterface
    interface LineReader {
        /**
         * Reads.
         *
         * @throws BadTrace with a sentence alone: the place is added
         */
        void read(String line) throws BadTrace;
    }

    /** Reads what is left, line by line. */
    void forEach(LineReader reader) throws BadTrace {
        for (String line = next(); line != null; line = next()) {
            try {
                reader.read(line);
            } catch (BadTrace e) {
                throw here(e.getMessage());
            }
        }
    }

    /** The next line without its end, or null behind the last. */
    String next() throws BadTrace {
        String text = ahead.isEmpty() ? read(number + 1) : ahead.poll();
        number++;
        return text;
    }

    /** Up to {@code count} lines that {@link #next} has still to return. */
    List<String> peek(int count) throws BadTrace {
        while (ahead.size() < count) {
            String text = read(number + ahead.size() + 1);
            if (text == null) {
                break;
            }
            ahead.add(text);
        }
        return new ArrayList<>(ahead);
    }

    private String read(int line) throws BadTrace {
        try {
            return in.readLine();
        } catch (EOFException e) {
            throw at(line, "the " + compression + " data is cut off, here or further on");
        } catch (ZipException e) {
            throw at(line, "the " + compression + " data is broken, here or further on");
        } catch (IOException e) {
            throw at(line, "the file cannot be read further: " + e.getMessage());
        }
    }

    /** The number of the line that {@link #next} returned last, from 1 on. */
    int number() {
        return number;
    }

    /** A sentence about the line returned last. */
    BadTrace here(String sentence) {
        return at(number, sentence);
    }

    /** A sentence about a line. */
    BadTrace at(int line, String sentence) {
        return new BadTrace(file + ":" + line + ": " + sentence);
    }

    /** What to call the trace: its file without directory and endings. */
    String shortName() {
        String name = file.substring(file.lastIndexOf('/') + 1);
        return name.replaceFirst("\\.(gz|zst)$", "").replaceFirst("\\.(rep|raw|mtrace|log|txt|trace)$", "");
    }

    /** A piece of the file, short and printable. */
    static String quote(String text) {
        String piece = text.length() > QUOTED ? text.substring(0, QUOTED) + "…" : text;
        return "\"" + piece.replaceAll("[^\\x20-\\x7e…]", "?") + "\"";
    }
}
