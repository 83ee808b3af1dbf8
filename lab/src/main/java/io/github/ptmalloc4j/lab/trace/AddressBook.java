package io.github.ptmalloc4j.lab.trace;

import java.util.HashMap;
import java.util.Map;

/**
 * Turns a recording that names blocks by their addresses into a trace, which names them by ids: each allocation gets the next
 * one.
 *
 * <p>A recording begins and ends in the middle of things, and recorders miss calls. So a free of an address at which nothing
 * lives is left out and counted; a realloc of one is an allocation; a request that was refused is left out; and an address that
 * comes back although it is live was freed unseen, so a free is put before it.
 */
final class AddressBook {
    private final TraceBuilder builder;
    private final Map<Long, Integer> idAt = new HashMap<>();
    private int ids;

    AddressBook(String name) {
        builder = new TraceBuilder(name);
    }

    /** Says who makes the calls that follow. */
    void thread(long number) throws BadTrace {
        builder.thread(number);
    }

    /** A call of {@code op} that returned {@code address}; 0: it was refused. */
    void allocated(Op op, long address, long argument, long bytes, int line) throws BadTrace {
        if (address == 0) {
            builder.leaveOut();
            return;
        }
        forget(address, line);
        idAt.put(address, ids);
        builder.add(op, ids++, argument, bytes, line);
    }

    /** A free. */
    void freed(long address, int line) throws BadTrace {
        if (address == 0) {
            builder.add(Op.FREE, -1, 0, 0, line);
        } else if (!forget(address, line)) {
            builder.leaveOut();
        }
    }

    /** A realloc that returned {@code address}; 0 with bytes asked for: it was refused. */
    void reallocated(long old, long address, long bytes, int line) throws BadTrace {
        Integer id = old == 0 ? null : idAt.get(old);
        if (old != 0 && bytes == 0 && address == 0) {
            freed(old, line);
        } else if (address == 0) {
            builder.leaveOut();
        } else if (id == null) {
            if (old != 0) {
                builder.leaveOut();
            }
            allocated(Op.MALLOC, address, 0, bytes, line);
        } else {
            idAt.remove(old);
            forget(address, line);
            idAt.put(address, id);
            // To 0 bytes, and yet a block came back: the C library's own realloc would have freed it.
            builder.add(Op.REALLOC, id, 0, Math.max(bytes, 1), line);
        }
    }

    /** Counts a line that has no place in a replay. */
    void leaveOut() {
        builder.leaveOut();
    }

    /** The trace of all calls. */
    Trace build() {
        return builder.build();
    }

    private boolean forget(long address, int line) throws BadTrace {
        Integer id = idAt.remove(address);
        if (id != null) {
            builder.add(Op.FREE, id, 0, 0, line);
        }
        return id != null;
    }
}
