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
    final HeapSegments heap;
    private boolean closed;
    /** The link of the block that came last; 0 at first. */
    private long chain;

    OwnedLifetime(HeapSegments heap) {
        this.heap = heap;
    }

    @Override
    public final MemorySegment allocate(long bytes, long alignment) {
        return allocate(bytes, alignment, true);
    }

    @Override
    public final SegmentAllocator uninitialized() {
        return (bytes, alignment) -> allocate(bytes, alignment, false);
    }

    private MemorySegment allocate(long bytes, long alignment, boolean zeroed) {
        HeapSegments.check(bytes, alignment);
        if (Thread.currentThread() != owner) {
            throw new WrongThreadException("Attempted access outside owning thread");
        }
        if (closed) {
            throw HeapSegments.alreadyClosed();
        }
        return Memory.segment(place(bytes, alignment, zeroed), bytes, backing);
    }

    /** The address of a new segment; the lifetime is open and the thread the right one. */
    abstract long place(long bytes, long alignment, boolean zeroed);

    /** A block of the heap's, freed at close. */
    final long takeLinked(long bytes, long alignment, boolean zeroed) {
        long mem = heap.allocateLinked(bytes, alignment, zeroed, chain);
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
        heap.freeChain(chain);
    }
}
