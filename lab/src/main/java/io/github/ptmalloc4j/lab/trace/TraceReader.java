package io.github.ptmalloc4j.lab.trace;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.StringTokenizer;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Reads the text form of the malloc lab, {@code .rep}, as it is or compressed with gzip.
 *
 * <pre>
 *   1          four lines of one number each: the weight, the number of ids,
 *   662247     the number of operations, the peak of live bytes;
 *   1313252    in the classic form a suggested heap size, ids, operations, the weight
 *   14889509
 *   a 0 72704  then one operation a line, see {@link Op}
 *   f 0
 * </pre>
 *
 * <p>Of the header only the third line is used, and it may be off by one: writers disagree on whether the last line
 * counts. Behind the header, empty lines and lines that begin with {@code #} are skipped. Lines may end as on DOS, the
 * last one not at all.
 */
public final class TraceReader {
    private static final int HEADER_LINES = 4;
    private static final int LINE_OF_OPERATIONS = 3;
    /** No header is believed that promises more than this: operations. */
    private static final int LARGEST_FIRST_CAPACITY = 1 << 22;

    private static final int GZIP_MAGIC = 0x1f8b;
    /** Characters of a bad line that a message shows. */
    private static final int QUOTED = 40;

    private final String file;
    private final BufferedReader in;
    private int line;
    private TraceBuilder builder;

    private TraceReader(String file, InputStream in) {
        this.file = file;
        this.in = new BufferedReader(new InputStreamReader(in, StandardCharsets.ISO_8859_1), 1 << 16);
    }

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
        BufferedInputStream buffered = new BufferedInputStream(raw, 1 << 16);
        InputStream text = buffered;
        if (isGzip(buffered)) {
            try {
                text = new GZIPInputStream(buffered, 1 << 16);
            } catch (IOException e) {
                throw new BadTrace(file + ":1: the gzip data is broken", e);
            }
        } else if (file.endsWith(".gz")) {
            throw new BadTrace(file + ":1: the file is not in gzip form, as its name says");
        }
        return new TraceReader(file, text).read();
    }

    private static boolean isGzip(BufferedInputStream in) throws IOException {
        in.mark(2);
        int magic = in.read() << 8 | in.read();
        in.reset();
        return magic == GZIP_MAGIC;
    }

    private Trace read() throws BadTrace {
        long promised = header();
        for (String text = nextLine(); text != null; text = nextLine()) {
            try {
                operation(text);
            } catch (BadTrace e) {
                throw at(line, e.getMessage());
            }
        }
        if (Math.abs(promised - builder.operations) > 1) {
            throw at(
                    LINE_OF_OPERATIONS,
                    "the header promises %,d operations, the file has %,d".formatted(promised, builder.operations));
        }
        return builder.build();
    }

    /** Reads the header; returns how many operations it promises. */
    private long header() throws BadTrace {
        long operations = 0;
        for (int i = 1; i <= HEADER_LINES; i++) {
            String text = nextLine();
            if (text == null) {
                throw at(i, "the file ends within its header of four numbers");
            }
            long number = headerNumber(text.strip());
            operations = i == LINE_OF_OPERATIONS ? number : operations;
        }
        builder = new TraceBuilder(shortName(), Math.clamp(operations + 2, 2, LARGEST_FIRST_CAPACITY));
        return operations;
    }

    private long headerNumber(String text) throws BadTrace {
        try {
            long number = Long.parseLong(text);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Not a number: the same sentence as for a negative one.
        }
        throw at(line, "the first four lines of a trace are one number each, not " + quote(text));
    }

    private void operation(String text) throws BadTrace {
        StringTokenizer words = new StringTokenizer(text, " \t\r");
        if (!words.hasMoreTokens()) {
            return;
        }
        String letter = words.nextToken();
        if (letter.charAt(0) == '#') {
            return;
        }
        Op op = letter.length() == 1 ? Op.ofLetter(letter.charAt(0)) : null;
        if (op == null) {
            throw new BadTrace("no operation begins with " + quote(letter));
        }
        if (words.countTokens() != op.numbers() + (op.hasId() ? 1 : 0)) {
            throw new BadTrace("the line should have the form " + op.form() + ", not " + quote(text.strip()));
        }
        int id = op.hasId() ? signed("an id", words.nextToken()) : -1;
        long argument = op.numbers() > 1 ? number(op, words.nextToken()) : 0;
        long size = op.numbers() > 0 ? number(op, words.nextToken()) : 0;
        builder.add(op, id, argument, size, line);
    }

    private static long number(Op op, String word) throws BadTrace {
        if (op == Op.MALLOPT) {
            return signed("a parameter or value of mallopt", word);
        }
        if (word.startsWith("-")) {
            throw new BadTrace("a size is 0 or more, not " + quote(word));
        }
        try {
            return Long.parseUnsignedLong(word);
        } catch (NumberFormatException e) {
            throw new BadTrace("a size is a number below 2^64, not " + quote(word), e);
        }
    }

    private static int signed(String what, String word) throws BadTrace {
        try {
            return Integer.parseInt(word);
        } catch (NumberFormatException e) {
            throw new BadTrace(what + " is a whole number of at most 31 bits, not " + quote(word), e);
        }
    }

    private String nextLine() throws BadTrace {
        try {
            String text = in.readLine();
            line++;
            return text;
        } catch (ZipException e) {
            throw at(line + 1, "the gzip data is broken, here or further on");
        } catch (EOFException e) {
            throw at(line + 1, "the gzip data is cut off, here or further on");
        } catch (IOException e) {
            throw at(line + 1, "the file cannot be read further: " + e.getMessage());
        }
    }

    private BadTrace at(int where, String sentence) {
        return new BadTrace(file + ":" + where + ": " + sentence);
    }

    private String shortName() {
        String name = file.substring(file.lastIndexOf('/') + 1);
        return name.replaceFirst("\\.gz$", "").replaceFirst("\\.rep$", "");
    }

    /** A piece of the file, short and printable. */
    private static String quote(String text) {
        String piece = text.length() > QUOTED ? text.substring(0, QUOTED) + "…" : text;
        return "\"" + piece.replaceAll("[^\\x20-\\x7e…]", "?") + "\"";
    }
}
