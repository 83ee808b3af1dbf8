package io.github.ptmalloc4j;

import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.ptmalloc.LinkedMalloc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * A lifetime that belongs to the thread that opened it. The JDK's own confined arena watches over the segments; the memory is
 * a chain of blocks, linked behind their last bytes, so that closing needs no object for each.
 */
abstract class OwnedLifetime implements Lifetime {
    private final Arena backing = Arena.ofConfined();
    private final Thread owner = Thread.currentThread();
    private final HeapSegments heap;
    final LinkedMalloc blocks;
    private boolean closed;
    /** The link of the block that came last; 0 at first. */
    long chain;

    OwnedLifetime(HeapSegments heap) {
        this.heap = heap;
        this.blocks = heap.linked;
    }

    @Override
    public final MemorySegment allocate(long bytes, long alignment) {
        requireUsable(bytes, alignment);
        return Memory.segment(place(bytes, alignment, true), bytes, backing);
    }

    @Override
    public final SegmentAllocator uninitialized() {
        return (bytes, alignment) -> {
            requireUsable(bytes, alignment);
            return Memory.segment(place(bytes, alignment, false), bytes, backing);
        };
    }

    private void requireUsable(long bytes, long alignment) {
        HeapSegments.check(bytes, alignment);
        if (Thread.currentThread() != owner) {
            throw new WrongThreadException("Attempted access outside owning thread");
        }
        if (closed) {
            throw HeapSegments.alreadyClosed();
        }
    }

    /** The address of a new segment; the lifetime is open and the thread the right one. */
    abstract long place(long bytes, long alignment, boolean zeroed);

    /** Lengthens the chain by a block that was just linked to it; 0 is none. */
    final long chained(long mem, long bytes, long alignment) {
        if (mem == 0) {
            throw heap.outOfMemory(bytes, alignment);
        }
        chain = LinkedMalloc.linkOf(mem, bytes);
        return mem;
    }

    @Override
    public final MemorySegment.Scope scope() {
        return backing.scope();
    }

    @Override
    public final void close() {
        // Throws if it must not be closed now, or not here: then nothing has happened yet.
        backing.close();
        closed = true;
        blocks.freeChain(chain);
    }
}
