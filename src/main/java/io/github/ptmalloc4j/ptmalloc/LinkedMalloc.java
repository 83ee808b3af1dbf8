package io.github.ptmalloc4j.ptmalloc;

import static io.github.ptmalloc4j.os.Memory.getLong;
import static io.github.ptmalloc4j.os.Memory.putLong;
import static io.github.ptmalloc4j.ptmalloc.Chunk.MALLOC_ALIGNMENT;
import static io.github.ptmalloc4j.ptmalloc.TailedBlocks.LARGE_ROOM;
import static io.github.ptmalloc4j.ptmalloc.TailedBlocks.room;
import static io.github.ptmalloc4j.ptmalloc.TcacheBins.SMALL_BINS;

import io.github.ptmalloc4j.os.Memory;

/**
 * Blocks that are freed only together: a chain through the words behind the user's bytes, which needs no Java object.
 *
 * <pre>
 *   mem ┌────────────────────────────┐
 *       │ the user's bytes           │  bytes, rounded up to 8
 *  link ├────────────────────────────┤
 *       │ next link, or 0            │  8 bytes
 *       │ mem                        │  8 bytes
 *       └────────────────────────────┘
 * </pre>
 */
public final class LinkedMalloc {
    private static final long LINK = 16;

    private final Malloc malloc;
    private final MallocPar mp;
    private final Threads threads;
    private final TailedBlocks blocks;

    LinkedMalloc(Malloc malloc, MallocPar mp, Threads threads) {
        this.malloc = malloc;
        this.mp = mp;
        this.threads = threads;
        this.blocks = new TailedBlocks(malloc, mp);
    }

    /**
     * A block to be freed by {@link #freeChain}.
     *
     * @param next the link that its link leads to; 0 ends the chain
     * @return its address, or 0 if there is no memory
     */
    public long allocate(long bytes, long alignment, boolean zeroed, long next) {
        Tcache tcache = malloc.tcache();
        long mem = alignment <= MALLOC_ALIGNMENT ? tcache.malloc(index(bytes), tcache.openLarge()) : 0;
        if (mem == 0) {
            return allocateSlowly(bytes, alignment, zeroed, next);
        }
        long room = Math.max(bytes, 1) + 7 & LARGE_ROOM;
        if (zeroed) {
            Memory.clearWords(mem, room);
        }
        putLong(mem + room + 8, mem);
        putLong(mem + room, next);
        return mem;
    }

    /**
     * Which stack of a tcache has blocks for so many bytes and a link: {@link TcacheBins#index} of their chunk size. What is too
     * large is in none of the stacks.
     */
    static long index(long bytes) {
        long small = (bytes + 7 & -8) + 7 >>> 4;
        return small < SMALL_BINS ? small : TcacheBins.index(RequestSize.toChunkSize(room(bytes) + LINK));
    }

    private long allocateSlowly(long bytes, long alignment, boolean zeroed, long next) {
        PerThread t = malloc.enter();
        try {
            mp.requireUsable();
            long room = room(bytes);
            long mem = blocks.take(bytes, LINK, alignment, zeroed);
            if (mem != 0) {
                putLong(mem + room, next);
                putLong(mem + room + 8, mem);
            }
            return mem;
        } finally {
            threads.leave(t);
        }
    }

    /** Where the link of a linked block of {@code bytes} bytes is. */
    public static long linkOf(long mem, long bytes) {
        return mem + room(bytes);
    }

    /** Lets a link lead to another; 0 ends a chain. */
    public static void setNext(long link, long next) {
        putLong(link, next);
    }

    /**
     * Frees every block from {@code link} on. On a closed heap, whose memory is gone, does nothing.
     */
    public void freeChain(long link) {
        Tcache tcache = malloc.tcache();
        long at = link;
        while (at != 0) {
            if (!tcache.isOpen()) {
                freeChainSlowly(at);
                return;
            }
            long next = getLong(at);
            long mem = getLong(at + 8);
            if (!tcache.free(mem) && !tcache.freeLarge(mem)) {
                malloc.free(mem);
            }
            at = next;
        }
    }

    /** The heap is closed, or the thread has no tcache. */
    private void freeChainSlowly(long link) {
        PerThread t = malloc.enter();
        try {
            for (long at = link; at != 0 && !mp.isClosed(); ) {
                long next = getLong(at);
                long mem = getLong(at + 8);
                malloc.free(mem);
                at = next;
            }
        } finally {
            threads.leave(t);
        }
    }
}
