package io.github.ptmalloc4j.benchmarks;

import io.github.ptmalloc4j.Ptmalloc;
import io.github.ptmalloc4j.os.Memory;

/** Allocation that must not fail, with some of the block written. */
final class Blocks {
    private Blocks() {}

    /** A block; {@link OutOfMemoryError} if there is none. */
    static long of(Ptmalloc heap, long bytes) {
        long mem = heap.malloc(bytes);
        if (mem == 0) {
            throw new OutOfMemoryError("no memory for " + bytes + " bytes");
        }
        return mem;
    }

    /** Two bytes written. */
    static long touched(Ptmalloc heap, long bytes) {
        long mem = of(heap, bytes);
        Memory.putByte(mem, (byte) 1);
        Memory.putByte(mem + 1, (byte) 2);
        return mem;
    }

    /** All bytes written. */
    static long filled(Ptmalloc heap, long bytes) {
        long mem = of(heap, bytes);
        Memory.fill(mem, bytes, (byte) 1);
        return mem;
    }
}
