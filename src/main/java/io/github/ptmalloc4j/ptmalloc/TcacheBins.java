package io.github.ptmalloc4j.ptmalloc;

import static io.github.ptmalloc4j.ptmalloc.Chunk.MALLOC_ALIGNMENT;
import static io.github.ptmalloc4j.ptmalloc.Chunk.MALLOC_ALIGN_MASK;
import static io.github.ptmalloc4j.ptmalloc.Chunk.MINSIZE;

/**
 * Which stack of a {@link Tcache} has chunks of which size, by index. The first 64 are those of glibc 2.36, 16 bytes apart. Behind
 * them are eight for each power of two, for larger chunks, which malloc caches from glibc 2.42 on (there in one list for each power,
 * in order of size). They are used where {@link Tunables#tcacheMax} is above 1032; requests are then rounded up to these sizes.
 *
 * <pre>
 *   stack    0    1  …    62    63 │   64    65  …    71 │   72    73  …    79 │   80  …
 *   chunk   32   48  …  1024  1040 │ 1056  1184  …  1952 │ 2080  2336  …  3872 │ 4128  …   bytes
 * </pre>
 *
 * <p>Less {@link Chunk#MINSIZE} the sizes are 0, 16 … 1008, 1024, 1152 … 1920, 2048, 2304 …: a page and what our own blocks have
 * behind the user's bytes fit exactly.
 */
final class TcacheBins {
    /** Stacks of glibc 2.36. */
    static final int SMALL_BINS = 64;

    /** The index of a chunk that belongs into no stack: more than any tcache has. */
    static final long NONE = Long.MAX_VALUE;

    /** Large stacks for each power of two, 2^3. */
    private static final int SHIFT = 3;

    private static final int LOW_BITS = (1 << SHIFT) - 1;

    /** The power of two with which they begin. */
    private static final int FIRST_EXPONENT = 10;

    private TcacheBins() {}

    /**
     * The first stack whose chunks are large enough.
     *
     * @param chunkSize what is needed, in bytes; {@link RequestSize#TOO_LARGE} leads to an index that no tcache has
     */
    static long index(long chunkSize) {
        long small = smallIndex(chunkSize);
        return small < SMALL_BINS ? small : largeIndex(chunkSize);
    }

    /** The same of a chunk for which there is a small stack; for others {@link #SMALL_BINS} and more. */
    static long smallIndex(long chunkSize) {
        return chunkSize - MINSIZE + MALLOC_ALIGN_MASK >>> 4;
    }

    /** The size less 1, as a floating-point number of four bits; and 1 more. */
    private static long largeIndex(long chunkSize) {
        long most = chunkSize - MINSIZE - 1;
        int exponent = exponent(most);
        long number = ((long) exponent << SHIFT) + (most >>> exponent - SHIFT) + 1;
        return number - (FIRST_EXPONENT + 1 << SHIFT) + SMALL_BINS;
    }

    private static int exponent(long size) {
        return Long.SIZE - 1 - Long.numberOfLeadingZeros(size);
    }

    /**
     * The stack that has chunks of exactly this size, or {@link #NONE}.
     *
     * @param chunkSize in bytes, a multiple of 16
     */
    static long exactIndex(long chunkSize) {
        long size = chunkSize - MINSIZE;
        if (size >>> 4 < SMALL_BINS) {
            return size >>> 4;
        }
        // Behind the first bit three others may be set.
        boolean exact = size << Long.numberOfLeadingZeros(size) << 1 + SHIFT == 0;
        return exact ? largeIndex(chunkSize) : NONE;
    }

    /** Bytes of the chunks of a stack. */
    static long chunkSize(long index) {
        if (index < SMALL_BINS) {
            return MINSIZE + MALLOC_ALIGNMENT * index;
        }
        return MINSIZE + ((1 << SHIFT) + (index & LOW_BITS) << FIRST_EXPONENT - SHIFT + power(index));
    }

    /** By how many powers of two the chunks of a large stack are larger than those of the first. */
    static int power(long index) {
        return (int) (index - SMALL_BINS >>> SHIFT);
    }
}
