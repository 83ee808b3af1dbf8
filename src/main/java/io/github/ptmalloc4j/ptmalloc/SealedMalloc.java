package io.github.ptmalloc4j.ptmalloc;

import static io.github.ptmalloc4j.os.Memory.getLong;
import static io.github.ptmalloc4j.os.Memory.putLong;
import static io.github.ptmalloc4j.ptmalloc.Chunk.CHUNK_HDR_SZ;
import static io.github.ptmalloc4j.ptmalloc.Chunk.MALLOC_ALIGNMENT;
import static io.github.ptmalloc4j.ptmalloc.Chunk.mem2chunk;

import io.github.ptmalloc4j.os.Memory;

/**
 * The calls of malloc(3) for callers who know the size of what they hold: each block carries a seal behind the user's bytes,
 * by which it is recognised before the heap is touched.
 *
 * <pre>
 *   mem ┌────────────────────────────┐
 *       │ the user's bytes           │  bytes, rounded up to 8
 *       ├────────────────────────────┤
 *       │ seal                       │  8 bytes, of the heap's secret, mem and bytes
 *       └────────────────────────────┘
 * </pre>
 *
 * <p>The seal is broken when the block is freed. An address with a size is therefore refused unless exactly these two were
 * handed out together and not taken back since; what the answer costs is a look at the break and one comparison. What
 * happens to be unmapped is never read: the place of the seal must lie in memory that the heap has now.
 *
 * <p>Beside sealed blocks there are linked ones, which are freed only as a whole: behind the user's bytes lie the link to the
 * next and the address of the block.
 */
public final class SealedMalloc {
    /** Instead of an address: the block is not one that was handed out. */
    public static final long NOT_OURS = -1;

    private static final long SEAL = 8;
    private static final long LINK = 16;
    /** More than any memory; below it nothing overflows. */
    private static final long TOO_LARGE = 1L << 62;
    /** The largest request that is cleared by hand: larger ones do not come from a tcache, and calloc knows what is clear. */
    private static final long LARGEST_CACHED = 1032;
    /** Bytes that are cleared faster word by word than by a call. */
    private static final long LARGEST_BY_WORDS = 256;
    /** Odd, and their difference is no multiple of 4: no part of a block has the seal of the whole. */
    private static final long OF_ADDRESS = 0x9E3779B97F4A7C15L;

    private static final long OF_SIZE = 0xD1B54A32D192ED03L;

    private final Malloc malloc;
    private final MallocPar mp;
    private final Threads threads;
    private final Arenas arenas;
    private final long secret;

    SealedMalloc(Malloc malloc, MallocPar mp, Threads threads, Arenas arenas) {
        this.malloc = malloc;
        this.mp = mp;
        this.threads = threads;
        this.arenas = arenas;
        // Other bits than the key, which whoever reads a freed block may see.
        this.secret = Long.rotateLeft(mp.tcacheKey * OF_SIZE, 32) * OF_ADDRESS;
    }

    /**
     * A sealed block.
     *
     * @param bytes not negative
     * @param alignment a power of two
     * @param zeroed whether its bytes are 0, or undefined
     * @return its address, or 0 if there is no memory
     */
    public long allocate(long bytes, long alignment, boolean zeroed) {
        long room = room(bytes);
        long mem = alignment <= MALLOC_ALIGNMENT ? fromTcache(room, SEAL, zeroed) : 0;
        if (mem == 0) {
            return allocateSlowly(bytes, alignment, zeroed);
        }
        putLong(mem + room, seal(mem, bytes));
        return mem;
    }

    /** A block that the thread's tcache has, or 0. What is rare is left to others, so that this vanishes in its callers. */
    private long fromTcache(long room, long more, boolean zeroed) {
        Tcache tcache = threads.current().tcache();
        long index = Tcache.index(RequestSize.toChunkSize(room + more));
        if (!tcache.hasEntry(index)) {
            return 0;
        }
        tcache.mallocs++;
        long mem = tcache.get(index);
        if (zeroed) {
            clearWords(mem, room);
        }
        return mem;
    }

    /**
     * Fills with 0.
     *
     * @param room bytes, a multiple of 8
     */
    public static void clearWords(long mem, long room) {
        if (room > LARGEST_BY_WORDS) {
            Memory.fill(mem, room, (byte) 0);
            return;
        }
        // No counted loop: unrolled, it would make this too large to vanish in its callers, and their segments real.
        for (long at = mem; at != mem + room; at += 8) {
            putLong(at, 0);
        }
    }

    private long allocateSlowly(long bytes, long alignment, boolean zeroed) {
        PerThread t = threads.enter();
        try {
            mp.requireUsable();
            return sealed(bytes, alignment, zeroed);
        } finally {
            threads.leave(t);
        }
    }

    private long sealed(long bytes, long alignment, boolean zeroed) {
        long room = room(bytes);
        long mem = block(room, SEAL, alignment, zeroed);
        if (mem != 0) {
            putLong(mem + room, seal(mem, bytes));
        }
        return mem;
    }

    /**
     * A block to be freed by {@link #freeChain}.
     *
     * @param next the link that its link leads to; 0 ends the chain
     * @return its address, or 0 if there is no memory
     */
    public long allocateLinked(long bytes, long alignment, boolean zeroed, long next) {
        long room = room(bytes);
        long mem = alignment <= MALLOC_ALIGNMENT ? fromTcache(room, LINK, zeroed) : 0;
        if (mem == 0) {
            return allocateLinkedSlowly(bytes, alignment, zeroed, next);
        }
        putLong(mem + room + 8, mem);
        putLong(mem + room, next);
        return mem;
    }

    private long allocateLinkedSlowly(long bytes, long alignment, boolean zeroed, long next) {
        PerThread t = threads.enter();
        try {
            mp.requireUsable();
            long room = room(bytes);
            long mem = block(room, LINK, alignment, zeroed);
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

    /** Frees every block from {@code link} on. On a closed heap, whose memory is gone, does nothing. */
    public void freeChain(long link) {
        long at = link;
        while (at != 0) {
            Tcache tcache = threads.current().tcache();
            if (!tcache.isInitialised()) {
                freeChainSlowly(at);
                return;
            }
            long next = getLong(at);
            freeCached(tcache, getLong(at + 8));
            at = next;
        }
    }

    private void freeCached(Tcache tcache, long mem) {
        long p = mem2chunk(mem);
        if (!Chunk.isMmapped(p) && ArenaFree.toTcache(mp, tcache, p)) {
            tcache.frees++;
        } else {
            malloc.free(mem);
        }
    }

    /** The heap is closed, or the thread has no tcache. */
    private void freeChainSlowly(long link) {
        PerThread t = threads.enter();
        try {
            for (long at = link; at != 0 && !mp.isClosed(); ) {
                long next = getLong(at);
                malloc.free(getLong(at + 8));
                at = next;
            }
        } finally {
            threads.leave(t);
        }
    }

    /**
     * Frees a sealed block.
     *
     * @return whether it was one; if not, nothing has been done
     */
    public boolean free(long mem, long bytes) {
        Tcache tcache = threads.current().tcache();
        if (tcache.isInitialised() && breakSeal(mem, bytes)) {
            freeCached(tcache, mem);
            return true;
        }
        return freeSlowly(mem, bytes);
    }

    private boolean freeSlowly(long mem, long bytes) {
        PerThread t = threads.enter();
        try {
            mp.requireUsable();
            return freeInside(mem, bytes);
        } finally {
            threads.leave(t);
        }
    }

    private boolean freeInside(long mem, long bytes) {
        if (!breakSeal(mem, bytes)) {
            return false;
        }
        malloc.free(mem);
        return true;
    }

    /**
     * Changes the size of a sealed block, in place where the heap can.
     *
     * @param alignment what the address is a multiple of afterwards
     * @param zeroed whether the bytes beyond the old size are 0, or undefined
     * @return its address; or 0 if there is no memory, and {@link #NOT_OURS} if it is no sealed block, with nothing done
     */
    public long realloc(long mem, long bytes, long newBytes, long alignment, boolean zeroed) {
        PerThread t = threads.enter();
        try {
            mp.requireUsable();
            if (!breakSeal(mem, bytes)) {
                return NOT_OURS;
            }
            long newMem = newBytes >= TOO_LARGE ? 0 : resized(mem, bytes, newBytes, alignment, zeroed);
            if (newMem == 0) {
                putLong(mem + room(bytes), seal(mem, bytes));
            } else {
                putLong(newMem + room(newBytes), seal(newMem, newBytes));
            }
            return newMem;
        } finally {
            threads.leave(t);
        }
    }

    private long resized(long mem, long bytes, long newBytes, long alignment, boolean zeroed) {
        long needed = room(newBytes) + SEAL;
        if (alignment > MALLOC_ALIGNMENT) {
            return realigned(mem, bytes, newBytes, alignment, zeroed);
        }
        long usable = malloc.mallocUsableSize(mem);
        long newMem = malloc.realloc(mem, needed);
        if (newMem != 0 && zeroed && newBytes > bytes) {
            // What the kernel has just mapped behind the old block is clear.
            boolean clear = Chunk.isMmapped(mem2chunk(newMem)) && mp.perturbByte == 0;
            clear(newMem + bytes, (clear ? Math.min(newBytes, usable) : newBytes) - bytes);
        }
        return newMem;
    }

    /** As resized; the engine's realloc knows no alignment. */
    private long realigned(long mem, long bytes, long newBytes, long alignment, boolean zeroed) {
        long needed = room(newBytes) + SEAL;
        long usable = malloc.mallocUsableSize(mem);
        if ((mem & alignment - 1) == 0 && needed <= usable && needed >= usable / 2) {
            if (zeroed) {
                clear(mem + bytes, newBytes - bytes);
            }
            return mem;
        }
        long newMem = malloc.memalign(alignment, needed);
        if (newMem == 0) {
            return 0;
        }
        Memory.copy(mem, newMem, Math.min(bytes, newBytes));
        if (zeroed) {
            clear(newMem + bytes, newBytes - bytes);
        }
        malloc.free(mem);
        return newMem;
    }

    /** The user's bytes, at least one, rounded up to 8. */
    private static long room(long bytes) {
        return bytes >= TOO_LARGE ? TOO_LARGE : Math.max(bytes, 1) + 7 & -8;
    }

    private long block(long room, long more, long alignment, boolean zeroed) {
        long bytes = room + more;
        if (!zeroed) {
            return alignment <= MALLOC_ALIGNMENT ? malloc.malloc(bytes) : malloc.memalign(alignment, bytes);
        }
        if (alignment <= MALLOC_ALIGNMENT && bytes > LARGEST_CACHED) {
            return malloc.calloc(1, bytes);
        }
        long mem = alignment <= MALLOC_ALIGNMENT ? malloc.malloc(bytes) : malloc.memalign(alignment, bytes);
        if (mem != 0 && !(Chunk.isMmapped(mem2chunk(mem)) && mp.perturbByte == 0)) {
            clear(mem, room);
        }
        return mem;
    }

    /** Fills with 0; nothing if {@code bytes} is not above 0. */
    private static void clear(long mem, long bytes) {
        if (bytes > 0) {
            Memory.fill(mem, bytes, (byte) 0);
        }
    }

    private long seal(long mem, long bytes) {
        return secret + mem * OF_ADDRESS + bytes * OF_SIZE;
    }

    private boolean breakSeal(long mem, long bytes) {
        if ((mem & MALLOC_ALIGNMENT - 1) != 0 || mem < 0 || mem >= TOO_LARGE || bytes >= TOO_LARGE) {
            return false;
        }
        long at = mem + room(bytes);
        if (!holds(mem, at + SEAL) || getLong(at) != seal(mem, bytes)) {
            return false;
        }
        putLong(at, 0);
        return true;
    }

    /** Whether a range can be read and is the heap's. */
    private boolean holds(long start, long end) {
        return mp.breakHolds(start, end) || holdsBesideBreak(start, end);
    }

    private boolean holdsBesideBreak(long start, long end) {
        return heapHolds(start, end) || mappingHolds(start, end);
    }

    private boolean heapHolds(long start, long end) {
        long heap = HeapInfo.heapForPtr(mp, start);
        return mp.heapAreas.contains(heap) && end <= HeapInfo.end(heap);
    }

    private boolean mappingHolds(long start, long end) {
        if (mp.mmappedChunks.holds(start - CHUNK_HDR_SZ, end)) {
            return true;
        }
        arenas.main.lock.lock();
        try {
            return arenas.main.mappedAreaHolds(start, end);
        } finally {
            arenas.main.lock.unlock();
        }
    }
}
