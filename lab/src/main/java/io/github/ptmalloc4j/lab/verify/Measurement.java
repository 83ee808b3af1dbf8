package io.github.ptmalloc4j.lab.verify;

import java.util.Locale;

/**
 * A number, and what it should be.
 *
 * @param step when it was taken, in words; may be empty
 * @param what is measured
 * @param witness who saw it
 * @param expected what the rules give: a whole number or a word
 * @param measured what the witness saw, of the same kind
 * @param unit how to read both
 * @param holds whether they are equal
 */
public record Measurement(
        String step, String what, Witness witness, Object expected, Object measured, Unit unit, boolean holds) {

    /** What a number counts. */
    public enum Unit {
        /** Pages of 4096 bytes. */
        PAGES("page"),
        /** Bytes. */
        BYTES("byte"),
        /** Page faults. */
        FAULTS("fault"),
        /** System calls. */
        CALLS("call"),
        /** Things. */
        NUMBER(""),
        /** An address in memory, or a word full of bits. */
        HEX(""),
        /** No number but a word. */
        WORD("");

        private final String singular;

        Unit(String singular) {
            this.singular = singular;
        }

        /** A value as people read it: {@code 1,024 pages}, {@code 0x33002}. */
        public String format(Object value) {
            if (this == WORD) {
                return value.toString();
            }
            long number = ((Number) value).longValue();
            if (this == HEX) {
                return "0x" + Long.toHexString(number);
            }
            return String.format(Locale.ROOT, "%,d", number)
                    + (singular.isEmpty() ? "" : " " + singular + (number == 1 ? "" : "s"));
        }
    }
}
