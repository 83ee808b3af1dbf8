package io.github.ptmalloc4j.lab.replay;

import io.github.ptmalloc4j.lab.trace.Op;
import io.github.ptmalloc4j.lab.trace.Trace;
import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.ptmalloc.HeapCorruption;
import io.github.ptmalloc4j.ptmalloc.Malloc;
import java.util.function.DoubleConsumer;

/**
 * One run through a trace that fills every block with a pattern of its own, to the last byte asked for, and reads it
 * again when it is freed or reallocated and when the trace ends. Two blocks that overlap, a block that moved without
 * its contents and a header written into a block all show as a byte that nobody should have changed.
 */
final class CheckedPass {
    private static final long SEED = 0x70746d616c6c6f63L;
    private static final long MALLOC_ALIGNMENT = 16;
    private static final long PAGE = 4096;
    /** How often the progress is reported: operations, a power of two. */
    private static final int REPORT_EVERY = 1 << 14;

    private final Trace trace;
    private final Malloc heap;
    private final DoubleConsumer progress;
    private final long[] address;
    private final long[] size;
    /** Which operation filled the block of a slot: its pattern follows from that. */
    private final int[] filledBy;

    private long live;
    private long peakLive;
    private long refused;

    /** A pass over a fresh heap; {@code progress} is told now and then which part of it is done, 0 to 1. */
    CheckedPass(Trace trace, Malloc heap, DoubleConsumer progress) {
        this.trace = trace;
        this.heap = heap;
        this.progress = progress;
        this.address = new long[trace.slots()];
        this.size = new long[trace.slots()];
        this.filledBy = new int[trace.slots()];
    }

    /** The largest sum of the sizes of live blocks, in bytes. */
    long peakLive() {
        return peakLive;
    }

    /** How many requests were refused. */
    long refused() {
        return refused;
    }

    /** Makes all calls; allocates nothing on the Java heap, so that the thread's faults are those of the blocks. */
    void run() throws ReplayFailure {
        int operations = trace.operations();
        for (int i = 0; i < operations; i++) {
            try {
                step(i);
            } catch (HeapCorruption | AssertionError e) {
                throw new ReplayFailure(where(i) + ": " + e.getMessage(), e);
            }
            if ((i & REPORT_EVERY - 1) == REPORT_EVERY - 1) {
                progress.accept((double) i / operations);
            }
        }
        progress.accept(1);
    }

    /** Reads all blocks that are still live, and verifies the invariants of the whole heap. */
    void checkEnd() throws ReplayFailure {
        for (int slot = 0; slot < address.length; slot++) {
            if (address[slot] != 0) {
                requirePattern(trace.operations() - 1, slot, size[slot]);
            }
        }
        try {
            heap.check();
        } catch (HeapCorruption | AssertionError e) {
            throw new ReplayFailure(trace.name() + ": at the end of the trace: " + e.getMessage(), e);
        }
    }

    private void step(int i) throws ReplayFailure {
        switch (trace.op(i)) {
            case FREE -> free(i);
            case REALLOC -> reallocate(i);
            case WRITE -> write(i);
            case TRIM -> heap.mallocTrim(trace.bytes(i));
            case MALLOPT -> heap.mallopt((int) trace.argument(i), (int) trace.bytes(i));
            default -> allocate(i);
        }
    }

    private void allocate(int i) throws ReplayFailure {
        long mem = TimedPass.allocate(trace, heap, i);
        if (mem == 0) {
            refused++;
            return;
        }
        requireAligned(i, mem, alignment(i));
        if (trace.op(i) == Op.CALLOC) {
            requireZero(i, mem);
        }
        settle(i, mem);
    }

    private void free(int i) throws ReplayFailure {
        int slot = trace.slot(i);
        if (slot < 0) {
            heap.free(0);
            return;
        }
        long mem = address[slot];
        if (mem != 0) {
            requirePattern(i, slot, size[slot]);
        }
        forget(slot);
        heap.free(mem);
    }

    private void reallocate(int i) throws ReplayFailure {
        int slot = trace.slot(i);
        long old = address[slot];
        long bytes = trace.bytes(i);
        if (old != 0) {
            requirePattern(i, slot, size[slot]);
        }
        long mem = heap.realloc(old, bytes);
        if (old != 0 && bytes == 0) {
            forget(slot);
        } else if (mem == 0) {
            refused++;
        } else {
            requireAligned(i, mem, MALLOC_ALIGNMENT);
            address[slot] = mem;
            requirePattern(i, slot, Math.min(size[slot], bytes));
            live -= size[slot];
            settle(i, mem);
        }
    }

    /** The block has its pattern already: writing it again is the touch that the program made. */
    private void write(int i) {
        int slot = trace.slot(i);
        if (address[slot] != 0) {
            Pattern.fill(address[slot], Math.min(trace.bytes(i), size[slot]), key(slot));
        }
    }

    /** Enters a block into the books and fills it. */
    private void settle(int i, long mem) throws ReplayFailure {
        int slot = trace.slot(i);
        long bytes = trace.requested(i);
        long usable = heap.mallocUsableSize(mem);
        if (Long.compareUnsigned(usable, bytes) < 0) {
            throw new ReplayFailure(
                    "%s: the block has %,d usable bytes, fewer than asked for".formatted(where(i), usable));
        }
        address[slot] = mem;
        size[slot] = bytes;
        filledBy[slot] = i;
        Pattern.fill(mem, bytes, key(slot));
        live += bytes;
        peakLive = Math.max(peakLive, live);
    }

    private void forget(int slot) {
        live -= size[slot];
        address[slot] = 0;
        size[slot] = 0;
    }

    private long alignment(int i) {
        return switch (trace.op(i)) {
            case MEMALIGN, ALIGNED_ALLOC, POSIX_MEMALIGN -> powerOfTwo(trace.argument(i));
            case VALLOC, PVALLOC -> PAGE;
            default -> MALLOC_ALIGNMENT;
        };
    }

    /** The alignment that memalign makes of its argument: the next power of two, at least what malloc gives. */
    private static long powerOfTwo(long alignment) {
        return alignment <= MALLOC_ALIGNMENT ? MALLOC_ALIGNMENT : Long.highestOneBit(alignment - 1) << 1;
    }

    private void requireAligned(int i, long mem, long alignment) throws ReplayFailure {
        if ((mem & alignment - 1) != 0) {
            throw new ReplayFailure("%s: the block at 0x%x is not aligned to %,d".formatted(where(i), mem, alignment));
        }
    }

    private void requireZero(int i, long mem) throws ReplayFailure {
        long offset = Pattern.nonZero(mem, trace.requested(i));
        if (offset >= 0) {
            throw new ReplayFailure("%s: byte %,d of the block of id %d is 0x%02x, expected 0x00"
                    .formatted(where(i), offset, trace.id(i), Memory.getByte(mem + offset)));
        }
    }

    /** Holds the first {@code bytes} bytes of a block, when operation {@code i} looks at it, to the block's pattern. */
    private void requirePattern(int i, int slot, long bytes) throws ReplayFailure {
        long offset = Pattern.mismatch(address[slot], bytes, key(slot));
        if (offset >= 0) {
            throw new ReplayFailure(
                    "%s: byte %,d of the block of id %d, filled by operation %,d, is 0x%02x, expected 0x%02x"
                            .formatted(
                                    where(i),
                                    offset,
                                    trace.id(filledBy[slot]),
                                    filledBy[slot] + 1,
                                    Memory.getByte(address[slot] + offset),
                                    Pattern.expected(key(slot), offset)));
        }
    }

    private long key(int slot) {
        return Pattern.key(SEED, filledBy[slot]);
    }

    private String where(int i) {
        return "%s: operation %,d (%s)".formatted(trace.name(), i + 1, trace.line(i));
    }
}
