package io.github.ptmalloc4j.lab.trace;

import java.util.StringTokenizer;

/**
 * The text form of the malloc lab, {@code .rep}.
 *
 * <pre>
 *   1          four lines of one number each: the weight, the number of ids,
 *   662247     the number of operations, the peak of live bytes;
 *   1313252    in the classic form a suggested heap size, ids, operations, the weight,
 *   14889509   which nobody uses; Peking University's form is the newer one with a last line that nobody uses
 *   a 0 72704  then one operation a line, see {@link Op}
 *   @ 1        what follows was done by thread 1; before the first such line by thread 0 (ours)
 *   f 0
 * </pre>
 *
 * <p>Of the header the third line is used, and the first where it is a weight, 0 to 3. The third may be off by one: writers
 * disagree on whether the last line counts. Behind the header, empty lines and lines that begin with {@code #} are skipped.
 * Lines may end as on DOS, the last one not at all.
 */
final class RepFormat implements TraceFormat {
    private static final int HEADER_LINES = 4;
    private static final int LINE_OF_OPERATIONS = 3;
    private static final int LARGEST_WEIGHT = 3;
    /** No header is believed that promises more than this: operations. */
    private static final int LARGEST_FIRST_CAPACITY = 1 << 22;

    private Lines lines;
    private TraceBuilder builder;

    @Override
    public Trace read(Lines text) throws BadTrace {
        lines = text;
        long promised = header();
        lines.forEach(this::operation);
        if (Math.abs(promised - builder.operations) > 1) {
            throw lines.at(
                    LINE_OF_OPERATIONS,
                    "the header promises %,d operations, the file has %,d".formatted(promised, builder.operations));
        }
        return builder.build();
    }

    /** Reads the header; returns how many operations it promises. */
    private long header() throws BadTrace {
        long[] number = new long[HEADER_LINES];
        for (int i = 0; i < HEADER_LINES; i++) {
            String text = lines.next();
            if (text == null) {
                throw lines.here("the file ends within its header of four numbers");
            }
            number[i] = headerNumber(text.strip());
        }
        long operations = number[LINE_OF_OPERATIONS - 1];
        builder = new TraceBuilder(lines.shortName(), Math.clamp(operations + 2, 2, LARGEST_FIRST_CAPACITY));
        if (number[0] <= LARGEST_WEIGHT) {
            builder.weight((int) number[0]);
        }
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
        throw lines.here("the first four lines of a trace are one number each, not " + Lines.quote(text));
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
        if (letter.equals("@") && words.countTokens() == 1) {
            builder.thread(signed("the number of a thread", words.nextToken()));
            return;
        }
        Op op = letter.length() == 1 ? Op.ofLetter(letter.charAt(0)) : null;
        if (op == null) {
            throw new BadTrace("no operation begins with " + Lines.quote(letter));
        }
        if (words.countTokens() != op.numbers() + (op.hasId() ? 1 : 0)) {
            throw new BadTrace("the line should have the form " + op.form() + ", not " + Lines.quote(text.strip()));
        }
        int id = op.hasId() ? signed("an id", words.nextToken()) : -1;
        long argument = op.numbers() > 1 ? number(op, words.nextToken()) : 0;
        long size = op.numbers() > 0 ? number(op, words.nextToken()) : 0;
        builder.add(op, id, argument, size, lines.number());
    }

    private static long number(Op op, String word) throws BadTrace {
        if (op == Op.MALLOPT) {
            return signed("a parameter or value of mallopt", word);
        }
        if (word.startsWith("-")) {
            throw new BadTrace("a size is 0 or more, not " + Lines.quote(word));
        }
        try {
            return Long.parseUnsignedLong(word);
        } catch (NumberFormatException e) {
            throw new BadTrace("a size is a number below 2^64, not " + Lines.quote(word), e);
        }
    }

    private static int signed(String what, String word) throws BadTrace {
        try {
            return Integer.parseInt(word);
        } catch (NumberFormatException e) {
            throw new BadTrace(what + " is a whole number of at most 31 bits, not " + Lines.quote(word), e);
        }
    }
}
