package io.github.ptmalloc4j;

import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.ptmalloc.LinkedMalloc;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** See {@link HeapSegments#shared()}: one word tells whether it is open and where its chain of blocks begins. */
final class SharedLifetime implements Lifetime {
    private static final long CLOSED = -1;
    private static final VarHandle CHAIN;
    private static final VarHandle TAKEN;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            CHAIN = lookup.findVarHandle(SharedLifetime.class, "chain", long.class);
            TAKEN = lookup.findVarHandle(SharedLifetime.class, "taken", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final HeapSegments heap;
    private final SharedEpochs epochs;
    private final SharedEpochs.Epoch epoch;
    /** The link of the block that came last, 0 at first, or {@link #CLOSED}. */
    private volatile long chain;
    /** Bytes in the chain. */
    private volatile long taken;

    SharedLifetime(HeapSegments heap, SharedEpochs epochs) {
        this.heap = heap;
        this.epochs = epochs;
        this.epoch = epochs.enter();
    }

    @Override
    public MemorySegment allocate(long bytes, long alignment) {
        return allocate(bytes, alignment, true);
    }

    @Override
    public SegmentAllocator uninitialized() {
        return (bytes, alignment) -> allocate(bytes, alignment, false);
    }

    private MemorySegment allocate(long bytes, long alignment, boolean zeroed) {
        HeapSegments.check(bytes, alignment);
        if (chain == CLOSED) {
            throw HeapSegments.alreadyClosed();
        }
        long mem = heap.linked.allocate(bytes, alignment, zeroed, 0);
        if (mem == 0) {
            throw heap.outOfMemory(bytes, alignment);
        }
        TAKEN.getAndAdd(this, bytes);
        push(LinkedMalloc.linkOf(mem, bytes));
        return Memory.segment(mem, bytes, epoch.backing);
    }

    private void push(long link) {
        long head;
        do {
            head = chain;
            if (head == CLOSED) {
                LinkedMalloc.setNext(link, 0);
                heap.linked.freeChain(link);
                throw HeapSegments.alreadyClosed();
            }
            LinkedMalloc.setNext(link, head);
        } while (!CHAIN.compareAndSet(this, head, link));
    }

    @Override
    public MemorySegment.Scope scope() {
        return epoch.backing.scope();
    }

    @Override
    public void close() {
        long blocks = (long) CHAIN.getAndSet(this, CLOSED);
        if (blocks == CLOSED) {
            throw HeapSegments.alreadyClosed();
        }
        epochs.leave(epoch, blocks, taken);
    }
}
