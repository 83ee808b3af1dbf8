package io.github.ptmalloc4j.ptmalloc;

import static io.github.ptmalloc4j.os.Memory.getLong;
import static io.github.ptmalloc4j.os.Memory.putLong;

/**
 * A chunk, read and written in place at its address.
 *
 * <pre>
 *                     in use                              free, in a bin
 *   p      ┌────────────────────────────┐      ┌────────────────────────────┐
 *     + 0  │ the last 8 bytes of the    │      │ (belongs to the previous   │
 *          │ previous chunk's user      │      │  chunk, which is in use)   │
 *     + 8  │ size                 A M P │      │ size                 A M P │
 *   mem    ├────────────────────────────┤      ├────────────────────────────┤
 *     + 16 │                            │      │ fd: next in the list       │
 *     + 24 │ the user's bytes           │      │ bk: previous in the list   │
 *     + 32 │                            │      │ fd_nextsize  (large only)  │
 *     + 40 │                            │      │ bk_nextsize  (large only)  │
 *   next   │                            │      │ …                          │
 *     + 0  │ … up to here               │      │ prev_size: this size again │
 *     + 8  │ size of the next chunk … 1 │      │ size of the next chunk … 0 │
 *          └────────────────────────────┘      └────────────────────────────┘
 * </pre>
 *
 * <p>Whether a chunk is in use is written in the P bit of the chunk behind it; only a free chunk repeats its size there, so
 * an in-use chunk costs 8 bytes. Sizes are multiples of 16, which leaves the low bits of the size word to three flags: P,
 * the chunk before is in use; M, the chunk is a mapping of its own; A, it belongs to another arena than the main one.
 * Chunks in fast bins and in the tcache keep looking in use, so that nobody merges with them.
 */
final class Chunk {
    /** Bytes of a size field. */
    static final long SIZE_SZ = 8;
    /** Bytes from a chunk to what its user holds. */
    static final long CHUNK_HDR_SZ = 16;
    /** Every chunk and every block is aligned to this many bytes. */
    static final long MALLOC_ALIGNMENT = 16;

    static final long MALLOC_ALIGN_MASK = MALLOC_ALIGNMENT - 1;
    /** The smallest chunk: room for a header and two list pointers. */
    static final long MINSIZE = 32;
    /** Bytes of all fields of a large free chunk. */
    static final long SIZEOF_CHUNK = 48;

    static final long PREV_INUSE = 1;
    static final long IS_MMAPPED = 2;
    static final long NON_MAIN_ARENA = 4;
    static final long SIZE_BITS = PREV_INUSE | IS_MMAPPED | NON_MAIN_ARENA;

    private static final long SIZE = 8;
    private static final long FD = 16;
    private static final long BK = 24;
    private static final long FD_NEXTSIZE = 32;
    private static final long BK_NEXTSIZE = 40;

    // Each accessor reaches memory by itself and not through another: how deep the JIT inlines is limited.

    private Chunk() {}

    static long chunk2mem(long p) {
        return p + CHUNK_HDR_SZ;
    }

    static long mem2chunk(long mem) {
        return mem - CHUNK_HDR_SZ;
    }

    /** The size word with its flags. */
    static long sizeField(long p) {
        return getLong(p + SIZE);
    }

    /** The size in bytes, without flags. */
    static long chunkSize(long p) {
        return getLong(p + SIZE) & ~SIZE_BITS;
    }

    /** The bytes of the user's that a chunk of this heap can hold: up to the next chunk's size word. */
    static long memSize(long p) {
        return (getLong(p + SIZE) & ~SIZE_BITS) - SIZE_SZ;
    }

    /** Writes size and flags. */
    static void setHead(long p, long sizeAndFlags) {
        putLong(p + SIZE, sizeAndFlags);
    }

    /** Writes a size (and further flags), keeping the flags that are there. */
    static void setHeadSize(long p, long size) {
        putLong(p + SIZE, getLong(p + SIZE) & SIZE_BITS | size);
    }

    /** The size of the chunk before, valid only if that one is free; in a mmapped chunk its offset in the mapping. */
    static long prevSize(long p) {
        return getLong(p);
    }

    static void setPrevSize(long p, long size) {
        putLong(p, size);
    }

    /** Repeats the size of a free chunk behind it. */
    static void setFoot(long p, long size) {
        putLong(p + size, size);
    }

    static long nextChunk(long p) {
        return p + (getLong(p + SIZE) & ~SIZE_BITS);
    }

    /** The chunk before, if that one is free. */
    static long prevChunk(long p) {
        return p - getLong(p);
    }

    static boolean prevInuse(long p) {
        return (getLong(p + SIZE) & PREV_INUSE) != 0;
    }

    static boolean isMmapped(long p) {
        return (getLong(p + SIZE) & IS_MMAPPED) != 0;
    }

    static boolean isMainArena(long p) {
        return (getLong(p + SIZE) & NON_MAIN_ARENA) == 0;
    }

    static void setNonMainArena(long p) {
        putLong(p + SIZE, getLong(p + SIZE) | NON_MAIN_ARENA);
    }

    static boolean inuse(long p) {
        return prevInuse(nextChunk(p));
    }

    static boolean inuseBitAtOffset(long p, long offset) {
        return (getLong(p + offset + SIZE) & PREV_INUSE) != 0;
    }

    static void setInuseBitAtOffset(long p, long offset) {
        putLong(p + offset + SIZE, getLong(p + offset + SIZE) | PREV_INUSE);
    }

    static boolean misaligned(long p) {
        return (p & MALLOC_ALIGN_MASK) != 0;
    }

    static long fd(long p) {
        return getLong(p + FD);
    }

    static void setFd(long p, long chunk) {
        putLong(p + FD, chunk);
    }

    static long bk(long p) {
        return getLong(p + BK);
    }

    static void setBk(long p, long chunk) {
        putLong(p + BK, chunk);
    }

    /** The first chunk of the next smaller size in a large bin; 0 in a chunk that is not the first of its size. */
    static long fdNextsize(long p) {
        return getLong(p + FD_NEXTSIZE);
    }

    static void setFdNextsize(long p, long chunk) {
        putLong(p + FD_NEXTSIZE, chunk);
    }

    /** The first chunk of the next larger size in a large bin. */
    static long bkNextsize(long p) {
        return getLong(p + BK_NEXTSIZE);
    }

    static void setBkNextsize(long p, long chunk) {
        putLong(p + BK_NEXTSIZE, chunk);
    }

    /** Where fd lies: safe-linking mixes this address into what is stored there. */
    static long fdField(long p) {
        return p + FD;
    }
}
