package io.github.ptmalloc4j.lab.replay;

import io.github.ptmalloc4j.lab.trace.Trace;
import io.github.ptmalloc4j.ptmalloc.Malloc;

/** One run through a trace that makes its calls and nothing else: the blocks are neither filled nor read. */
final class TimedPass {
    private final Trace trace;
    private final Malloc heap;
    /** Where the block of each slot is; 0 for none. */
    private final long[] address;

    TimedPass(Trace trace, Malloc heap) {
        this.trace = trace;
        this.heap = heap;
        this.address = new long[trace.slots()];
    }

    /** Runs; returns how long it took, in nanoseconds. */
    long run() {
        int operations = trace.operations();
        long start = System.nanoTime();
        for (int i = 0; i < operations; i++) {
            step(i);
        }
        return System.nanoTime() - start;
    }

    private void step(int i) {
        int slot = trace.slot(i);
        switch (trace.op(i)) {
            case FREE -> free(slot);
            case REALLOC -> reallocate(slot, trace.bytes(i));
            case WRITE -> {}
            case TRIM -> heap.mallocTrim(trace.bytes(i));
            case MALLOPT -> heap.mallopt((int) trace.argument(i), (int) trace.bytes(i));
            default -> address[slot] = allocate(trace, heap, i);
        }
    }

    private void free(int slot) {
        if (slot < 0) {
            heap.free(0);
            return;
        }
        heap.free(address[slot]);
        address[slot] = 0;
    }

    private void reallocate(int slot, long bytes) {
        long old = address[slot];
        long mem = heap.realloc(old, bytes);
        if (mem != 0 || bytes == 0) {
            address[slot] = mem;
        }
    }

    /** Makes the call of an operation that allocates; returns the block, or 0 if it was refused. */
    static long allocate(Trace trace, Malloc heap, int i) {
        long bytes = trace.bytes(i);
        return switch (trace.op(i)) {
            case MALLOC -> heap.malloc(bytes);
            case CALLOC -> heap.calloc(trace.argument(i), bytes);
            case MEMALIGN, ALIGNED_ALLOC -> heap.memalign(trace.argument(i), bytes);
            case POSIX_MEMALIGN -> Math.max(0, heap.posixMemalign(trace.argument(i), bytes));
            case VALLOC -> heap.valloc(bytes);
            case PVALLOC -> heap.pvalloc(bytes);
            default -> throw new AssertionError(trace.line(i) + " does not allocate");
        };
    }
}
