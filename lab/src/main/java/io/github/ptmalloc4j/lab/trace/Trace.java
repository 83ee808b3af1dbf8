package io.github.ptmalloc4j.lab.trace;

/**
 * A sequence of allocator calls, in arrays of primitives: 29 bytes an operation, so that a replay neither allocates nor
 * parses while the clock runs.
 *
 * <p>Beside its id, which may be any number, a block has a slot: a small index that is used again as soon as its block
 * is freed. A replay keeps addresses in an array of {@link #slots()} elements, no longer than the program had blocks at
 * a time (with several threads somewhat longer: a slot stays with the thread that freed it). {@link TraceBuilder} has the
 * rules that every trace obeys.
 */
public final class Trace {
    /** More than any machine can address: larger requests are sure to be refused. */
    private static final long ADDRESSABLE = 1L << 47;

    private final String name;
    private final int operations;
    private final int slots;
    private final int threads;
    private final int weight;
    private final long leftOut;
    private final byte[] codes;
    private final int[] ids;
    private final int[] slotOf;
    private final int[] threadOf;
    private final long[] arguments;
    private final long[] bytes;

    Trace(TraceBuilder from) {
        name = from.name;
        operations = from.operations;
        slots = from.slots();
        threads = from.threads;
        weight = from.weight;
        leftOut = from.leftOut;
        codes = from.codes;
        ids = from.ids;
        slotOf = from.slotOf;
        threadOf = from.threadOf;
        arguments = from.arguments;
        bytes = from.bytes;
    }

    /** What to call it in a table. */
    public String name() {
        return name;
    }

    /** How many operations it has. */
    public int operations() {
        return operations;
    }

    /** How many of them call the allocator: all but the writes. */
    public int calls() {
        int calls = 0;
        for (int i = 0; i < operations; i++) {
            calls += op(i) == Op.WRITE ? 0 : 1;
        }
        return calls;
    }

    /** How many slots a replay needs. */
    public int slots() {
        return slots;
    }

    /** How many threads made the calls: 1 or more. */
    public int threads() {
        return threads;
    }

    /** The thread that makes operation {@code i}: 0 or more, in the order of their first operations. */
    public int thread(int i) {
        return threadOf[i];
    }

    /** What the trace counts for in the malloc lab's score: 0 nothing, 1 both parts, 2 utilisation, 3 throughput. */
    public int weight() {
        return weight;
    }

    /** How many lines of the file were left out, as frees of blocks that were allocated before the recording began. */
    public long leftOut() {
        return leftOut;
    }

    /** What operation {@code i} does, from 0 on. */
    public Op op(int i) {
        return Op.ofCode(codes[i]);
    }

    /** The id as the file has it; −1 for free(NULL) and for operations without one. */
    public int id(int i) {
        return ids[i];
    }

    /** The block's slot; −1 where the id is −1. */
    public int slot(int i) {
        return slotOf[i];
    }

    /** The count of a calloc, an alignment, the parameter of a mallopt. */
    public long argument(int i) {
        return arguments[i];
    }

    /** The size in bytes (of one element, for calloc), the pad of a trim, the value of a mallopt. Unsigned. */
    public long bytes(int i) {
        return bytes[i];
    }

    /** The size of the whole block that operation {@code i} asks for, in bytes, unsigned; all ones on overflow. */
    public long requested(int i) {
        if (op(i) != Op.CALLOC) {
            return bytes[i];
        }
        return Math.unsignedMultiplyHigh(arguments[i], bytes[i]) == 0 ? arguments[i] * bytes[i] : -1;
    }

    /** The size of the block of operation {@code i} behind it, in bytes; 0 if it is freed or its request sure to be refused. */
    public long sizeAfter(int i) {
        return op(i) == Op.FREE || Long.compareUnsigned(requested(i), ADDRESSABLE) > 0 ? 0 : requested(i);
    }

    /** The largest id and one: what the second line of a file says. */
    public long numberOfIds() {
        int largest = -1;
        for (int i = 0; i < operations; i++) {
            largest = Math.max(largest, ids[i]);
        }
        return largest + 1L;
    }

    /** The largest sum of the sizes of all live blocks, in bytes, if no request is refused. */
    public long peakLiveBytes() {
        long[] size = new long[slots];
        long live = 0;
        long peak = 0;
        for (int i = 0; i < operations; i++) {
            int slot = slotOf[i];
            if (slot >= 0 && op(i) != Op.WRITE) {
                long now = sizeAfter(i);
                live += now - size[slot];
                size[slot] = now;
                peak = Math.max(peak, live);
            }
        }
        return peak;
    }

    /** Operation {@code i} as a line of a file, without its end. */
    public String line(int i) {
        Op op = op(i);
        StringBuilder line = new StringBuilder().append(op.letter());
        if (op.hasId()) {
            line.append(' ').append(ids[i]);
        }
        if (op == Op.MALLOPT) {
            return line.append(' ')
                    .append(arguments[i])
                    .append(' ')
                    .append(bytes[i])
                    .toString();
        }
        if (op.numbers() > 1) {
            line.append(' ').append(Long.toUnsignedString(arguments[i]));
        }
        if (op.numbers() > 0) {
            line.append(' ').append(Long.toUnsignedString(bytes[i]));
        }
        return line.toString();
    }
}
