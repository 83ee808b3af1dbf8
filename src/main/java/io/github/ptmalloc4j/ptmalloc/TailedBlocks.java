package io.github.ptmalloc4j.ptmalloc;

import static io.github.ptmalloc4j.ptmalloc.Chunk.MALLOC_ALIGNMENT;
import static io.github.ptmalloc4j.ptmalloc.Chunk.mem2chunk;

import io.github.ptmalloc4j.os.Memory;

/**
 * Blocks with some words of ours behind the user's bytes, zeroed if that is wanted: what {@link SealedMalloc} and
 * {@link LinkedMalloc} have in common past the tcache. What the tcache answers each asks for itself: one call more in between, and
 * the JIT's limit of depth is reached.
 */
final class TailedBlocks {
    /** More than any memory; below it nothing overflows. */
    static final long TOO_LARGE = 1L << 62;
    /** The largest request that is cleared by hand: for larger ones calloc is asked, which knows what is clear. */
    private static final long LARGEST_CLEARED = 1032;

    /** Bits that the {@link #room} of a block in a small stack may have: masked with them, the JIT sees that it is small. */
    static final long CACHED_ROOM = 0x7f8;

    /** The same of a block in any stack of a tcache. */
    static final long LARGE_ROOM = 0x7ffff8;

    /** Bits that the bytes of such a block, less 1, have at most. */
    static final int LARGE_BITS = 22;

    private final Malloc malloc;
    private final MallocPar mp;

    TailedBlocks(Malloc malloc, MallocPar mp) {
        this.malloc = malloc;
        this.mp = mp;
    }

    /** The user's bytes, at least one, rounded up to 8. */
    static long room(long bytes) {
        return bytes >= TOO_LARGE ? TOO_LARGE : Math.max(bytes, 1) + 7 & -8;
    }

    /**
     * A block past the tcache; the caller is inside.
     *
     * @param asked the user's bytes
     * @param more bytes behind them
     * @return its address, or 0 if there is no memory
     */
    long take(long asked, long more, long alignment, boolean zeroed) {
        long bytes = room(asked) + more;
        if (zeroed && alignment <= MALLOC_ALIGNMENT && bytes > LARGEST_CLEARED) {
            return malloc.zeroed(bytes, asked);
        }
        long mem = malloc.allocate(alignment <= MALLOC_ALIGNMENT ? Malloc.NO_ALIGNMENT : alignment, bytes, asked);
        if (zeroed && mem != 0 && !(Chunk.isMmapped(mem2chunk(mem)) && mp.perturbByte == 0)) {
            clear(mem, room(asked));
        }
        return mem;
    }

    /** Fills with 0; nothing if {@code bytes} is not above 0. */
    static void clear(long mem, long bytes) {
        if (bytes > 0) {
            Memory.fill(mem, bytes, (byte) 0);
        }
    }
}
