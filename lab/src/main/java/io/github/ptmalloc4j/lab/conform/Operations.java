package io.github.ptmalloc4j.lab.conform;

import java.util.Arrays;
import java.util.BitSet;

/**
 * A sequence of calls on one heap, as parallel arrays: millions of them cost little.
 *
 * <p>A call is a letter, the letter of the trace format; most name a block by its id. Ids are small numbers from 0 on. An
 * id that holds no block stands for a null pointer, so a sequence stays valid when any of its operations is left out.
 */
public final class Operations {
    /** {@code a ID BYTES}. */
    static final char MALLOC = 'a';
    /** {@code c ID COUNT BYTES}. */
    static final char CALLOC = 'c';
    /** {@code r ID BYTES}. */
    static final char REALLOC = 'r';
    /** {@code f ID}. */
    static final char FREE = 'f';
    /** {@code m ID ALIGNMENT BYTES}. */
    static final char MEMALIGN = 'm';
    /** {@code l ID ALIGNMENT BYTES}. */
    static final char ALIGNED_ALLOC = 'l';
    /** {@code p ID ALIGNMENT BYTES}. */
    static final char POSIX_MEMALIGN = 'p';
    /** {@code v ID BYTES}. */
    static final char VALLOC = 'v';
    /** {@code P ID BYTES}. */
    static final char PVALLOC = 'P';
    /** {@code t PAD}. */
    static final char TRIM = 't';
    /** {@code o PARAMETER VALUE}. */
    static final char MALLOPT = 'o';
    /** {@code s BYTES}: somebody else moves the break up. */
    static final char FOREIGN_SBRK = 's';
    /** {@code x BYTES}: from now on the break can rise by no more than this. */
    static final char WALL = 'x';
    /** {@code z 1}: from now on the system maps nothing more and the break cannot rise; {@code z 0}: it does again. */
    static final char EXHAUST = 'z';
    /** {@code T THREAD}: what follows is done by the thread with this number; 0, with which all begins, is the main one. */
    static final char TURN = 'T';
    /** {@code X}: the thread ends, and the next one with its number is a new one. The main thread stays. */
    static final char EXIT = 'X';
    /** The largest number of a thread. */
    static final int LAST_THREAD = 16;

    private byte[] calls = new byte[1024];
    private int[] ids = new int[1024];
    private long[] firsts = new long[1024];
    private long[] seconds = new long[1024];
    private int size;
    private int idLimit;

    /** Appends a call; numbers that it does not take are 0. */
    void add(char call, int id, long first, long second) {
        if (size == calls.length) {
            calls = Arrays.copyOf(calls, 2 * size);
            ids = Arrays.copyOf(ids, 2 * size);
            firsts = Arrays.copyOf(firsts, 2 * size);
            seconds = Arrays.copyOf(seconds, 2 * size);
        }
        calls[size] = (byte) call;
        ids[size] = id;
        firsts[size] = first;
        seconds[size] = second;
        size++;
        idLimit = Math.max(idLimit, id + 1);
    }

    /** How many operations there are. */
    public int size() {
        return size;
    }

    /** One more than the largest id. */
    int idLimit() {
        return idLimit;
    }

    char call(int index) {
        return (char) calls[index];
    }

    int id(int index) {
        return ids[index];
    }

    /** The first number behind the id. */
    long first(int index) {
        return firsts[index];
    }

    /** The second number behind the id. */
    long second(int index) {
        return seconds[index];
    }

    /** Whether the last number of the operation is a size that a user asks for. */
    boolean takesBytes(int index) {
        return takesId(call(index)) && call(index) != FREE;
    }

    /** The bytes asked for; of a calloc, those of one element. */
    long bytes(int index) {
        return takesTwo(call(index)) ? seconds[index] : firsts[index];
    }

    /** A copy of this sequence, with another number of bytes in one operation. */
    Operations withBytes(int index, long bytes) {
        Operations copy = without(size, size);
        (takesTwo(call(index)) ? copy.seconds : copy.firsts)[index] = bytes;
        return copy;
    }

    /** The operations before {@code end}. */
    Operations prefix(int end) {
        return without(end, size);
    }

    /** A copy that lacks the operations from {@code from} until before {@code to}. */
    Operations without(int from, int to) {
        Operations copy = new Operations();
        for (int i = 0; i < size; i++) {
            if (i < from || i >= to) {
                copy.add(call(i), ids[i], firsts[i], seconds[i]);
            }
        }
        return copy;
    }

    /** A copy whose ids are counted from 0 in order of appearance. */
    Operations renumbered() {
        int[] fresh = new int[idLimit];
        Arrays.fill(fresh, -1);
        int next = 0;
        Operations copy = new Operations();
        for (int i = 0; i < size; i++) {
            int id = ids[i];
            if (takesId(call(i)) && fresh[id] < 0) {
                fresh[id] = next++;
            }
            copy.add(call(i), takesId(call(i)) ? fresh[id] : 0, firsts[i], seconds[i]);
        }
        return copy;
    }

    /**
     * Reads lines as {@link #text} writes them, for short sequences in tests.
     *
     * @throws IllegalArgumentException for a line of another form
     */
    public static Operations of(String... lines) {
        Operations operations = new Operations();
        for (String line : lines) {
            String[] words = line.strip().split(" +");
            char call = words[0].charAt(0);
            int next = takesId(call) ? 2 : 1;
            int expected = next + numbers(call);
            if (words[0].length() != 1 || words.length != expected) {
                throw new IllegalArgumentException("not an operation: " + line);
            }
            long first = words.length > next ? number(words[next]) : 0;
            long second = words.length > next + 1 ? number(words[next + 1]) : 0;
            operations.add(call, takesId(call) ? Integer.parseInt(words[1]) : 0, first, second);
        }
        return operations;
    }

    private static long number(String word) {
        return word.startsWith("-") ? Long.parseLong(word) : Long.parseUnsignedLong(word);
    }

    /** The line of the trace format. */
    String text(int index) {
        char call = call(index);
        StringBuilder line = new StringBuilder().append(call);
        if (takesId(call)) {
            line.append(' ').append(ids[index]);
        }
        if (call == MALLOPT) {
            return line.append(" %d %d".formatted(firsts[index], seconds[index]))
                    .toString();
        }
        if (numbers(call) > 0) {
            line.append(' ').append(Long.toUnsignedString(firsts[index]));
        }
        if (takesTwo(call)) {
            line.append(' ').append(Long.toUnsignedString(seconds[index]));
        }
        return line.toString();
    }

    static boolean takesId(char call) {
        return switch (call) {
            case TRIM, MALLOPT, FOREIGN_SBRK, WALL, EXHAUST, TURN, EXIT -> false;
            default -> true;
        };
    }

    /** Whether it is no call of the allocator, but something that happens around it. */
    static boolean isEvent(char call) {
        return switch (call) {
            case FOREIGN_SBRK, WALL, EXHAUST, TURN, EXIT -> true;
            default -> false;
        };
    }

    /** How many numbers follow the id. */
    private static int numbers(char call) {
        return call == FREE || call == EXIT ? 0 : call == MALLOPT || takesTwo(call) ? 2 : 1;
    }

    /** Whether the operation at {@code index} begins or ends a thread's turn. */
    boolean changesThreads(int index) {
        return call(index) == TURN || call(index) == EXIT;
    }

    /** How many threads must exist beside the main one: those that work and one that only waits; 0 if none works. */
    int threads() {
        BitSet numbers = new BitSet();
        int exits = 0;
        for (int i = 0; i < size; i++) {
            if (call(i) == TURN && firsts[i] != 0) {
                numbers.set((int) firsts[i]);
            }
            exits += call(i) == EXIT ? 1 : 0;
        }
        return numbers.isEmpty() ? 0 : numbers.cardinality() + exits + 1;
    }

    static boolean takesTwo(char call) {
        return switch (call) {
            case CALLOC, MEMALIGN, ALIGNED_ALLOC, POSIX_MEMALIGN -> true;
            default -> false;
        };
    }
}
