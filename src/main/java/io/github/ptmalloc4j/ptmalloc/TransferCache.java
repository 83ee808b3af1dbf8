package io.github.ptmalloc4j.ptmalloc;

import static io.github.ptmalloc4j.os.Memory.getLong;
import static io.github.ptmalloc4j.os.Memory.putLong;
import static io.github.ptmalloc4j.ptmalloc.Chunk.MALLOC_ALIGN_MASK;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;

/**
 * Whole stacks of tcaches on their way from threads that free to threads that allocate, past the arenas: what one thread has too
 * many of another takes, at the cost of one word read and one written for a hundred chunks. Not in glibc; the name is tcmalloc's.
 * Used where {@link Tunables#tcacheTransfer} says so.
 *
 * <p>A stack stays linked as it was in its tcache, keys and all; stacks of one index are linked through the third word of
 * the chunk that lies on top:
 *
 * <pre>
 *   heads[index] ──► ┌──────────┐   next   ┌──────────┐   next
 *                    │ top      ├─────────►│ chunk    ├─────────► …
 *                    └────┬─────┘          └──────────┘
 *                         │ mem + 16: head of the stack before, by {@link SafeLinking}
 *                         ▼
 *                    ┌──────────┐   next
 *                    │ top      ├─────────► …
 *                    └──────────┘
 * </pre>
 *
 * <p>A head is what {@link Tcache} keeps of a stack: the address on top, and the count. A stack is taken only if another thread than
 * the one that gives it was the last to look for one in vain: what a thread frees and allocates by itself has no business here.
 */
final class TransferCache {
    private static final long BEFORE = 16;

    private final MallocPar mp;
    /** Bytes that it may hold. */
    private final long room;

    private final ReentrantLock lock = new ReentrantLock();
    private final long[] heads;
    /** The number of the thread that found no stack, last; 0, none. Read and written without the lock: it is a hint. */
    private final long[] wantedBy;

    private long bytes;
    /** Stacks that came and went, and how many that were when {@link IdlePurge} last looked. */
    private long operations;

    private long operationsSeen;

    TransferCache(MallocPar mp) {
        this.mp = mp;
        this.room = mp.tcacheTransfer;
        this.heads = new long[room == 0 ? 0 : mp.tcacheBins];
        this.wantedBy = new long[heads.length];
    }

    /**
     * Takes a stack, if somebody wants it and there is room.
     *
     * @param head of the stack, which is not empty
     * @param threadId the number of the thread that has too many
     * @return whether that is done; the stack is the caller's no more
     */
    boolean give(long index, long head, long threadId) {
        if (room == 0 || wantedBy[(int) index] == 0 || wantedBy[(int) index] == threadId) {
            return false;
        }
        lock.lock();
        try {
            long size = sizeOf(index, head);
            if (bytes + size > room) {
                return false;
            }
            bytes += size;
            operations++;
            setBefore(Tcache.topIn(head), heads[(int) index]);
            heads[(int) index] = head;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The head of the stack that was given last, or 0.
     *
     * @param threadId the number of the thread that has none
     */
    long take(long index, long threadId) {
        if (index >= heads.length) {
            return 0;
        }
        // Looked at without the lock: who misses a stack that comes just now goes to its arena.
        if (heads[(int) index] == 0) {
            wantedBy[(int) index] = threadId;
            return 0;
        }
        lock.lock();
        try {
            long head = heads[(int) index];
            if (head != 0) {
                bytes -= sizeOf(index, head);
                operations++;
                heads[(int) index] = before(Tcache.topIn(head));
            }
            return head;
        } finally {
            lock.unlock();
        }
    }

    /** Bytes of the chunks that it holds. */
    long bytes() {
        lock.lock();
        try {
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    /** Whether it holds a block. Looks at each of that size: asked only of a block that carries the key. */
    boolean holds(long mem, long index) {
        lock.lock();
        try {
            for (long head = index < heads.length ? heads[(int) index] : 0;
                    head != 0;
                    head = before(Tcache.topIn(head))) {
                for (long at = Tcache.topIn(head); at != 0; at = next(at)) {
                    if (at == mem) {
                        return true;
                    }
                }
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Shows every block with the index of its stack; nobody else may use the heap meanwhile. */
    void forEach(BlockVisitor visitor) {
        for (int i = 0; i < heads.length; i++) {
            for (long head = heads[i]; head != 0; head = before(Tcache.topIn(head))) {
                for (long mem = Tcache.topIn(head); mem != 0; mem = next(mem)) {
                    visitor.visit(mem, i);
                }
            }
        }
    }

    /** Hears of a block and of the stack to which it belongs. */
    interface BlockVisitor {
        void visit(long mem, int index);
    }

    /**
     * Hands out every block if none has come or gone since the last call. Called by one thread at a time.
     *
     * @param free takes the blocks
     */
    void purge(LongConsumer free) {
        if (operationsSeen == operations) {
            flush(free);
        }
        operationsSeen = operations;
    }

    /**
     * Hands out every block.
     *
     * @param free takes the blocks, which may be while others use this
     * @return whether there were any
     */
    boolean flush(LongConsumer free) {
        boolean any = false;
        for (int i = 0; i < heads.length; i++) {
            for (long head = take(i, 0); head != 0; head = take(i, 0)) {
                any = true;
                for (long mem = Tcache.topIn(head); mem != 0; ) {
                    long next = next(mem);
                    free.accept(mem);
                    mem = next;
                }
            }
        }
        return any;
    }

    private static long sizeOf(long index, long head) {
        return Tcache.countIn(head) * TcacheBins.chunkSize(index);
    }

    private long next(long mem) {
        return aligned(SafeLinking.reveal(mem));
    }

    private long before(long top) {
        long head = SafeLinking.mixed(top + BEFORE, getLong(top + BEFORE));
        aligned(Tcache.topIn(head));
        return head;
    }

    private static void setBefore(long top, long head) {
        putLong(top + BEFORE, SafeLinking.mixed(top + BEFORE, head));
    }

    private long aligned(long mem) {
        if ((mem & MALLOC_ALIGN_MASK) != 0) {
            throw mp.mallocPrinterr("malloc(): unaligned tcache chunk detected");
        }
        return mem;
    }
}
