package io.github.ptmalloc4j.ptmalloc;

import static io.github.ptmalloc4j.os.Memory.ALL;
import static io.github.ptmalloc4j.os.Memory.USER_BITS;
import static io.github.ptmalloc4j.os.Memory.WORD;
import static io.github.ptmalloc4j.os.Memory.getLong;
import static io.github.ptmalloc4j.os.Memory.putLong;
import static io.github.ptmalloc4j.ptmalloc.Chunk.MALLOC_ALIGNMENT;
import static io.github.ptmalloc4j.ptmalloc.Chunk.MALLOC_ALIGN_MASK;
import static io.github.ptmalloc4j.ptmalloc.Chunk.mem2chunk;
import static io.github.ptmalloc4j.ptmalloc.TailedBlocks.CACHED_ROOM;
import static io.github.ptmalloc4j.ptmalloc.TailedBlocks.LARGE_BITS;
import static io.github.ptmalloc4j.ptmalloc.TailedBlocks.LARGE_ROOM;
import static io.github.ptmalloc4j.ptmalloc.TailedBlocks.TOO_LARGE;
import static io.github.ptmalloc4j.ptmalloc.TailedBlocks.clear;
import static io.github.ptmalloc4j.ptmalloc.TailedBlocks.room;
import static io.github.ptmalloc4j.ptmalloc.TcacheBins.SMALL_BINS;

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
 */
public final class SealedMalloc {
    /** Instead of an address: the block is not one that was handed out. */
    public static final long NOT_OURS = -1;

    private static final long SEAL = 8;
    /** A size counts in bits that no address has, so that no part of a block has the seal of the whole. */
    private static final int SIZE_SHIFT = 48;

    private static final long ODD = 0x9E3779B97F4A7C15L;

    private final Malloc malloc;
    private final MallocPar mp;
    private final Threads threads;
    private final TailedBlocks blocks;
    private final OwnMemory memory;
    private final long secret;

    SealedMalloc(Malloc malloc, MallocPar mp, Threads threads, Arenas arenas) {
        this.malloc = malloc;
        this.mp = mp;
        this.threads = threads;
        this.blocks = new TailedBlocks(malloc, mp);
        this.memory = new OwnMemory(mp, arenas);
        // Other bits than the key, which whoever reads a freed block may see.
        this.secret = Long.rotateLeft(mp.tcacheKey * ODD, 32) * ODD;
    }

    /**
     * A sealed block.
     *
     * @param alignment a power of two
     * @param zeroed whether its bytes are 0, or undefined
     * @return its address, or 0 if there is no memory or the size is negative
     */
    public long allocate(long bytes, long alignment, boolean zeroed) {
        Tcache tcache = malloc.tcache();
        long mem = alignment <= MALLOC_ALIGNMENT ? tcache.malloc(index(bytes), tcache.open()) : 0;
        if (mem == 0) {
            return allocateLarge(tcache, bytes, alignment, zeroed);
        }
        long room = cachedRoom(bytes);
        if (zeroed) {
            Memory.clearWords(mem, room);
        }
        putLong(mem + room, seal(mem, bytes));
        return mem;
    }

    private long allocateLarge(Tcache tcache, long bytes, long alignment, boolean zeroed) {
        long room = room(bytes);
        long mem = alignment <= MALLOC_ALIGNMENT ? tcache.mallocLarge(room + SEAL) : 0;
        if (mem == 0) {
            return allocateSlowly(bytes, alignment, zeroed);
        }
        if (zeroed) {
            Memory.fill(mem, room, (byte) 0);
        }
        putLong(mem + room, seal(mem, bytes));
        return mem;
    }

    /**
     * Which small stack of a tcache has blocks for so many bytes and a seal: {@link TcacheBins#index} of their chunk size. What is
     * negative or too large is in none of the stacks, and neither is 0, for which there is room as for 1.
     */
    static long index(long bytes) {
        return bytes - 1 >>> 4;
    }

    /** {@link TailedBlocks#room} of a size that has a stack. */
    private static long cachedRoom(long bytes) {
        return bytes + 7 & CACHED_ROOM;
    }

    private long allocateSlowly(long bytes, long alignment, boolean zeroed) {
        if (bytes < 0) {
            return 0;
        }
        PerThread t = malloc.enter();
        try {
            mp.requireUsable();
            long mem = blocks.take(bytes, SEAL, alignment, zeroed);
            if (mem != 0) {
                putLong(mem + room(bytes), seal(mem, bytes));
            }
            return mem;
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
        Tcache tcache = malloc.tcache();
        int bins = tcache.open();
        // From here on written out, as in the tcache.
        long at = mem + (bytes + 7 & CACHED_ROOM);
        boolean ours = bytes - 1 >>> 4 < bins
                && (mem & MALLOC_ALIGN_MASK) == 0
                && mp.breakHolds(mem, at + SEAL)
                && (long) WORD.get(ALL, at & USER_BITS) == secret + mem + (bytes << SIZE_SHIFT);
        if (!ours) {
            return freeLarge(tcache, mem, bytes);
        }
        WORD.set(ALL, at & USER_BITS, 0L);
        if (!tcache.free(mem, bins)) {
            malloc.free(mem);
        }
        return true;
    }

    private boolean freeLarge(Tcache tcache, long mem, long bytes) {
        long at = mem + (bytes + 7 & LARGE_ROOM);
        boolean ours = tcache.openLarge() > SMALL_BINS
                && bytes - 1 >>> LARGE_BITS == 0
                && (mem & MALLOC_ALIGN_MASK) == 0
                && mp.breakHolds(mem, at + SEAL)
                && getLong(at) == seal(mem, bytes);
        if (!ours) {
            return freeSlowly(mem, bytes);
        }
        putLong(at, 0);
        if (!tcache.freeLarge(mem)) {
            malloc.free(mem);
        }
        return true;
    }

    private boolean freeSlowly(long mem, long bytes) {
        PerThread t = malloc.enter();
        try {
            mp.requireUsable();
            if (!breakSeal(mem, bytes)) {
                return false;
            }
            malloc.free(mem);
            return true;
        } finally {
            threads.leave(t);
        }
    }

    /**
     * Changes the size of a sealed block, in place where the heap can.
     *
     * @param alignment what the address is a multiple of afterwards
     * @param zeroed whether the bytes beyond the old size are 0, or undefined
     * @return its address; or 0 if there is no memory, and {@link #NOT_OURS} if it is no sealed block, with nothing done
     */
    public long realloc(long mem, long bytes, long newBytes, long alignment, boolean zeroed) {
        PerThread t = malloc.enter();
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
        long newMem = malloc.realloc(mem, needed, newBytes);
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
        long newMem = malloc.allocate(alignment, needed, newBytes);
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

    private long seal(long mem, long bytes) {
        return secret + mem + (bytes << SIZE_SHIFT);
    }

    private boolean breakSeal(long mem, long bytes) {
        if ((mem & MALLOC_ALIGNMENT - 1) != 0 || mem < 0 || mem >= TOO_LARGE || bytes >= TOO_LARGE) {
            return false;
        }
        long at = mem + room(bytes);
        if (!memory.holds(mem, at + SEAL) || getLong(at) != seal(mem, bytes)) {
            return false;
        }
        putLong(at, 0);
        return true;
    }
}
