package io.github.ptmalloc4j.lab.stress;

import io.github.ptmalloc4j.Ptmalloc;
import io.github.ptmalloc4j.lab.replay.Pattern;
import io.github.ptmalloc4j.os.Memory;
import java.util.SplittableRandom;

/** One thread's calls: each block is filled when it is made, and verified by whoever frees or reallocates it. */
final class Worker {
    private static final long MALLOC_ALIGNMENT = 16;
    private static final int OWNER_SHIFT = 48;
    /** A virtual thread lets others run after so many calls. */
    private static final int YIELD_EVERY = 32;

    final int number;
    final SplittableRandom random;
    private final Ptmalloc heap;
    private final Tally tally;
    private long operations;
    private long checks;

    Worker(Ptmalloc heap, Tally tally, int number, long seed) {
        this.heap = heap;
        this.tally = tally;
        this.number = number;
        this.random = new SplittableRandom(Pattern.key(seed, number));
    }

    /** A block, or null if it was refused. */
    Held malloc(long bytes) {
        return made(heap.malloc(bytes), bytes, MALLOC_ALIGNMENT, "malloc");
    }

    /** A block that was zero, or null if it was refused. */
    Held calloc(long bytes) {
        long mem = heap.calloc(1, bytes);
        if (mem != 0) {
            long offset = Pattern.nonZero(mem, bytes);
            if (offset >= 0) {
                wrong("calloc(1, %d)".formatted(bytes), mem, offset, (byte) 0);
            }
            checks++;
        }
        return made(mem, bytes, MALLOC_ALIGNMENT, "calloc");
    }

    /** A block at a multiple of {@code alignment}, or null if it was refused. */
    Held memalign(long alignment, long bytes) {
        return made(heap.memalign(alignment, bytes), bytes, alignment, "memalign");
    }

    /** The same bytes in a block of another size; the old block if that was refused. */
    Held realloc(Held held, long bytes) {
        long key = key(held);
        verify(held, "realloc");
        long mem = heap.realloc(held.mem(), bytes);
        if (mem == 0) {
            count();
            tally.refused.increment();
            return held;
        }
        long kept = Math.min(held.bytes(), bytes);
        long offset = Pattern.mismatch(mem, kept, key);
        if (offset >= 0) {
            wrong("realloc(0x%x, %d)".formatted(held.mem(), bytes), mem, offset, Pattern.expected(key, offset));
        }
        checks++;
        return made(mem, bytes, MALLOC_ALIGNMENT, "realloc");
    }

    /** Verifies a block and frees it; nothing for null. */
    void free(Held held) {
        if (held != null) {
            verify(held, "free");
            heap.free(held.mem());
            count();
        }
    }

    void free(Held[] slots) {
        for (int i = 0; i < slots.length; i++) {
            free(slots[i]);
            slots[i] = null;
        }
    }

    private Held made(long mem, long bytes, long alignment, String call) {
        count();
        if (mem == 0) {
            tally.refused.increment();
            return null;
        }
        long usable = heap.mallocUsableSize(mem);
        if (mem % alignment != 0 || usable < bytes) {
            tally.violated(
                    number,
                    "%s(%d) gave 0x%x with %d usable bytes; expected a multiple of %d"
                            .formatted(call, bytes, mem, usable, alignment));
        }
        checks += 2;
        Held held = new Held(mem, bytes, number);
        Pattern.fill(mem, bytes, key(held));
        return held;
    }

    private void verify(Held held, String call) {
        long offset = Pattern.mismatch(held.mem(), held.bytes(), key(held));
        if (offset >= 0) {
            String what = "%s of %d bytes of worker %d".formatted(call, held.bytes(), held.owner());
            wrong(what, held.mem(), offset, Pattern.expected(key(held), offset));
        }
        checks++;
    }

    private void wrong(String call, long mem, long offset, byte expected) {
        tally.violated(
                number,
                "%s at 0x%x, offset %d: expected %02x, found %02x"
                        .formatted(call, mem, offset, expected, Memory.getByte(mem + offset)));
    }

    private static long key(Held held) {
        return Pattern.key(held.mem() ^ (long) held.owner() << OWNER_SHIFT, (int) held.bytes());
    }

    private void count() {
        if (++operations % YIELD_EVERY == 0 && Thread.currentThread().isVirtual()) {
            Thread.yield();
        }
    }

    /** Adds what was counted to the tally; the worker's last act. */
    void report() {
        tally.operations.add(operations);
        tally.checks.add(checks);
        operations = 0;
        checks = 0;
    }
}
