package io.github.ptmalloc4j.lab.trace;

/**
 * The operations of a trace, each with the letter that begins its line.
 *
 * <p>{@code a}, {@code f} and {@code r} are the malloc lab's own, {@code w} is MIT's; the others are ours, in its
 * spirit, for the calls that the lab does not know. ID is a number from 0 on that names a block; BYTES, COUNT,
 * ALIGNMENT and PAD are {@code size_t}: 0 to 2^64 − 1, decimal.
 */
public enum Op {
    MALLOC('a', "ID BYTES", "malloc; the id must not be live"),
    FREE('f', "ID", "free; id -1 is free(NULL)"),
    REALLOC('r', "ID BYTES", "realloc; of an id that is not live: malloc; to 0 bytes: free"),
    WRITE('w', "ID BYTES", "the program writes the first BYTES of the block; no call"),
    CALLOC('c', "ID COUNT BYTES", "calloc"),
    MEMALIGN('m', "ID ALIGNMENT BYTES", "memalign"),
    ALIGNED_ALLOC('l', "ID ALIGNMENT BYTES", "aligned_alloc"),
    POSIX_MEMALIGN('p', "ID ALIGNMENT BYTES", "posix_memalign"),
    VALLOC('v', "ID BYTES", "valloc"),
    PVALLOC('P', "ID BYTES", "pvalloc"),
    TRIM('t', "PAD", "malloc_trim"),
    MALLOPT('o', "PARAMETER VALUE", "mallopt; two signed numbers, as in malloc.h");

    private static final Op[] BY_CODE = values();

    private final char letter;
    private final String operands;
    private final String meaning;

    Op(char letter, String operands, String meaning) {
        this.letter = letter;
        this.operands = operands;
        this.meaning = meaning;
    }

    /** The operation that a letter stands for, or null. */
    static Op ofLetter(char letter) {
        for (Op op : BY_CODE) {
            if (op.letter == letter) {
                return op;
            }
        }
        return null;
    }

    /** The operation with a {@link #code}. */
    public static Op ofCode(byte code) {
        return BY_CODE[code];
    }

    /** The number that stands for it in the arrays of a trace; it never changes, and the replayer in C knows it. */
    public byte code() {
        return (byte) ordinal();
    }

    /** The first character of the line. */
    public char letter() {
        return letter;
    }

    /** The whole line with its operands by name, such as {@code c ID COUNT BYTES}. */
    public String form() {
        return letter + " " + operands;
    }

    /** What it does, in a few words. */
    public String meaning() {
        return meaning;
    }

    /** Whether the line names a block. */
    boolean hasId() {
        return operands.startsWith("ID");
    }

    /** How many numbers the line has behind its id. */
    int numbers() {
        int words = operands.split(" ").length;
        return hasId() ? words - 1 : words;
    }

    /** Whether it makes a block under an id that must not be live. */
    boolean allocates() {
        return switch (this) {
            case MALLOC, CALLOC, MEMALIGN, ALIGNED_ALLOC, POSIX_MEMALIGN, VALLOC, PVALLOC -> true;
            case FREE, REALLOC, WRITE, TRIM, MALLOPT -> false;
        };
    }
}
