package io.github.ptmalloc4j.lab.trace;

/** Numbers as C programs print them. */
final class Numbers {
    private static final int HEXADECIMAL = 16;

    private Numbers() {}

    /** The value of {@code 0x1f}, {@code 31} or {@code (nil)}, unsigned. */
    static long decoded(String word) throws BadTrace {
        try {
            if (word.equals("(nil)")) {
                return 0;
            }
            return word.startsWith("0x") || word.startsWith("0X")
                    ? Long.parseUnsignedLong(word.substring(2), HEXADECIMAL)
                    : Long.parseUnsignedLong(word);
        } catch (NumberFormatException e) {
            throw new BadTrace("a number below 2^64 should be here, not " + Lines.quote(word), e);
        }
    }
}
