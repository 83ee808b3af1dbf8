package io.github.ptmalloc4j.lab.trace;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Collects the operations of a {@link Trace} one by one and holds them to the rules: what is freed or written is live,
 * what is allocated is not, and a write stays inside its block. An id may be used again once its block is freed.
 *
 * <p>A block's slot goes to the thread that freed it and to nobody else: what that thread does with it next comes later by
 * itself, so that a replay by threads has to wait only where a block itself changes hands.
 *
 * <p>Places in messages are numbers of lines as the caller counts them.
 */
public final class TraceBuilder {
    private static final int FIRST_CAPACITY = 1024;
    private static final int NO_SLOT = -1;
    private static final int LARGEST_THREADS = 1024;

    final String name;
    int operations;
    int threads = 1;
    int weight = 1;
    long leftOut;
    byte[] codes;
    int[] ids;
    int[] slotOf;
    int[] threadOf;
    long[] arguments;
    long[] bytes;

    /** For each id seen: its slot while it is live, the number of the line that freed it, negated, afterwards. */
    private final Map<Integer, Integer> state = new HashMap<>();

    private int slotsUsed;
    /** The free slots of each thread, one linked to the next by {@link #nextFree}. */
    private int[] freeSlot = {NO_SLOT};

    private int[] nextFree = new int[FIRST_CAPACITY];
    /** Threads by the numbers that the file has for them. */
    private final Map<Long, Integer> threadNumbers = new HashMap<>();

    private int thread;
    private int[] bornAt = new int[FIRST_CAPACITY];
    private long[] sizeOf = new long[FIRST_CAPACITY];

    /** An empty trace. */
    public TraceBuilder(String name) {
        this(name, FIRST_CAPACITY);
    }

    /** An empty trace that expects about {@code capacity} operations, 1 or more. */
    TraceBuilder(String name, int capacity) {
        this.name = name;
        codes = new byte[capacity];
        ids = new int[capacity];
        slotOf = new int[capacity];
        threadOf = new int[capacity];
        arguments = new long[capacity];
        bytes = new long[capacity];
    }

    int slots() {
        return slotsUsed;
    }

    /**
     * Says who makes the operations that follow; without it there is one thread.
     *
     * @param number any number that the file has for the thread
     * @throws BadTrace if there are more threads than a replay can start
     */
    public TraceBuilder thread(long number) throws BadTrace {
        Integer known = threadNumbers.get(number);
        if (known == null) {
            known = threadNumbers.size();
            threadNumbers.put(number, known);
            threads = known + 1;
            freeSlot = Arrays.copyOf(freeSlot, threads);
            freeSlot[known] = NO_SLOT;
        }
        if (threads > LARGEST_THREADS) {
            throw new BadTrace("a trace has at most %,d threads".formatted(LARGEST_THREADS));
        }
        thread = known;
        return this;
    }

    /** Sets what the trace counts for in a score, see {@link Trace#weight}. */
    void weight(int value) {
        weight = value;
    }

    /** Counts a line that has no place in a replay. */
    void leaveOut() {
        leftOut++;
    }

    /**
     * Adds an operation, as if from the line with the same number as the operation.
     *
     * @param id of the block; −1 where the operation has none, and for free(NULL)
     * @param argument the count, alignment or parameter; 0 where the operation has none
     * @param size the bytes, pad or value; 0 where the operation has none
     * @throws BadTrace if the operation breaks a rule
     */
    public TraceBuilder add(Op op, int id, long argument, long size) throws BadTrace {
        return add(op, id, argument, size, operations + 1);
    }

    TraceBuilder add(Op op, int id, long argument, long size, int line) throws BadTrace {
        if (threadNumbers.isEmpty()) {
            thread(0);
        }
        if (operations == codes.length) {
            grow();
        }
        int i = operations;
        codes[i] = op.code();
        ids[i] = id;
        arguments[i] = argument;
        bytes[i] = size;
        threadOf[i] = thread;
        slotOf[i] = slotFor(op, id, argument, size, line);
        operations++;
        return this;
    }

    /** The trace. The builder must not be used again: they share their arrays. */
    public Trace build() {
        return new Trace(this);
    }

    private int slotFor(Op op, int id, long argument, long size, int line) throws BadTrace {
        if (!op.hasId() || op == Op.FREE && id == -1) {
            return -1;
        }
        if (id < 0) {
            throw new BadTrace("an id is 0 or more, not " + id);
        }
        int slot = state.getOrDefault(id, Integer.MIN_VALUE);
        if (op == Op.FREE) {
            return release(op, id, slot, line);
        }
        if (op == Op.WRITE) {
            return write(id, slot, size);
        }
        if (op == Op.REALLOC && slot >= 0) {
            return size == 0 ? release(op, id, slot, line) : resize(slot, size);
        }
        if (slot >= 0) {
            throw new BadTrace("id " + id + " is allocated twice: it is live since line " + bornAt[slot]);
        }
        return occupy(id, op == Op.CALLOC ? argument * size : size, line);
    }

    private int occupy(int id, long size, int line) {
        int slot = freeSlot[thread];
        if (slot == NO_SLOT) {
            slot = slotsUsed++;
        } else {
            freeSlot[thread] = nextFree[slot];
        }
        if (slot == bornAt.length) {
            bornAt = Arrays.copyOf(bornAt, 2 * slot);
            sizeOf = Arrays.copyOf(sizeOf, 2 * slot);
            nextFree = Arrays.copyOf(nextFree, 2 * slot);
        }
        bornAt[slot] = line;
        sizeOf[slot] = size;
        state.put(id, slot);
        return slot;
    }

    private int release(Op op, int id, int slot, int line) throws BadTrace {
        requireLive(op, id, slot);
        state.put(id, -line);
        nextFree[slot] = freeSlot[thread];
        freeSlot[thread] = slot;
        return slot;
    }

    private int resize(int slot, long size) {
        sizeOf[slot] = size;
        return slot;
    }

    private int write(int id, int slot, long size) throws BadTrace {
        requireLive(Op.WRITE, id, slot);
        if (Long.compareUnsigned(size, sizeOf[slot]) > 0) {
            throw new BadTrace("%s bytes are written to id %d, which has %s"
                    .formatted(Long.toUnsignedString(size), id, Long.toUnsignedString(sizeOf[slot])));
        }
        return slot;
    }

    private static void requireLive(Op op, int id, int slot) throws BadTrace {
        if (slot == Integer.MIN_VALUE) {
            throw new BadTrace("id " + id + " is unknown: nothing was allocated under it");
        }
        if (slot < 0 && op == Op.FREE) {
            throw new BadTrace("id " + id + " is freed twice: line " + -slot + " freed it already");
        }
        if (slot < 0) {
            throw new BadTrace("id " + id + " is written to but not live: line " + -slot + " freed it");
        }
    }

    private void grow() {
        int capacity = 2 * operations;
        codes = Arrays.copyOf(codes, capacity);
        ids = Arrays.copyOf(ids, capacity);
        slotOf = Arrays.copyOf(slotOf, capacity);
        threadOf = Arrays.copyOf(threadOf, capacity);
        arguments = Arrays.copyOf(arguments, capacity);
        bytes = Arrays.copyOf(bytes, capacity);
    }
}
