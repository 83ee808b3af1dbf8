package io.github.ptmalloc4j.ptmalloc;

import java.util.concurrent.atomic.LongAdder;

/**
 * Counts of calls. Each platform thread counts in fields of its own ({@link Tcache#mallocs} and its neighbours), which costs
 * nothing that can be measured; here is the rest: virtual threads, which have nothing of their own, and threads that are gone.
 */
final class Calls {
    private final LongAdder mallocs = new LongAdder();
    private final LongAdder frees = new LongAdder();
    private final LongAdder reallocs = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder requested = new LongAdder();
    private final LongAdder granted = new LongAdder();

    /**
     * A block was handed out that no cache had.
     *
     * @param bytes the request
     */
    void malloc(PerThread t, long mem, long bytes) {
        long head = Chunk.sizeField(Chunk.mem2chunk(mem));
        long size = (head & Chunk.IS_MMAPPED) != 0 ? 0 : head & ~Chunk.SIZE_BITS;
        long part = size == 0 ? 0 : bytes;
        if (t.isNobody()) {
            mallocs.increment();
            requested.add(part);
            granted.add(size);
        } else {
            t.tcache.mallocs++;
            t.tcache.requested += part;
            t.tcache.granted += size;
        }
    }

    void free(PerThread t) {
        if (t.isNobody()) {
            frees.increment();
        } else {
            t.tcache.frees++;
        }
    }

    void realloc(PerThread t) {
        if (t.isNobody()) {
            reallocs.increment();
        } else {
            t.tcache.reallocs++;
        }
    }

    void failure() {
        failures.increment();
    }

    /** A thread is gone; its counts stay. */
    void keep(Tcache tcache) {
        mallocs.add(tcache.mallocs);
        frees.add(tcache.frees);
        reallocs.add(tcache.reallocs);
        requested.add(tcache.requested);
        granted.add(tcache.granted);
    }

    /** All calls, those of the threads with {@code tcaches} included. */
    CallCounts total(Iterable<Tcache> tcaches) {
        long m = mallocs.sum();
        long f = frees.sum();
        long r = reallocs.sum();
        for (Tcache tcache : tcaches) {
            m += tcache.mallocs;
            f += tcache.frees;
            r += tcache.reallocs;
        }
        return new CallCounts(m, f, r, failures.sum());
    }

    /** Of the bytes of chunks that arenas handed out, the part that was asked for: 1 where there is none yet. */
    double fill(Iterable<Tcache> tcaches) {
        long asked = requested.sum();
        long size = granted.sum();
        for (Tcache tcache : tcaches) {
            asked += tcache.requested;
            size += tcache.granted;
        }
        return size == 0 ? 1 : (double) asked / size;
    }
}
