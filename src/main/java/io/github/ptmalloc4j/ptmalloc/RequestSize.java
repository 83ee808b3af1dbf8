package io.github.ptmalloc4j.ptmalloc;

import static io.github.ptmalloc4j.ptmalloc.Chunk.MALLOC_ALIGN_MASK;
import static io.github.ptmalloc4j.ptmalloc.Chunk.MINSIZE;
import static io.github.ptmalloc4j.ptmalloc.Chunk.SIZE_SZ;

/** From the bytes that a user asks for to the size of the chunk that holds them. */
final class RequestSize {
    /** What {@link #toChunkSize} answers to a request above PTRDIFF_MAX. */
    static final long TOO_LARGE = 0;

    /**
     * A chunk size beyond all memory, 2^62 bytes. Larger ones are cut down to it, so that adding to a size cannot overflow;
     * the kernel refuses both alike.
     */
    static final long BEYOND_MEMORY = 1L << 62;

    private RequestSize() {}

    /**
     * The request plus a size word, rounded up to 16, at least {@link Chunk#MINSIZE}: the last 8 bytes that a user gets lie in
     * the next chunk's prev_size, which is not needed while the chunk is in use.
     *
     * @param bytes the request, unsigned
     * @return the chunk size (as an unsigned number: PTRDIFF_MAX itself rounds up beyond it), or {@link #TOO_LARGE}
     */
    static long toChunkSize(long bytes) {
        if (bytes < 0) {
            return TOO_LARGE;
        }
        return bytes <= MINSIZE - SIZE_SZ ? MINSIZE : bytes + SIZE_SZ + MALLOC_ALIGN_MASK & ~MALLOC_ALIGN_MASK;
    }

    /** The same size, or {@link #BEYOND_MEMORY} if that is less. */
    static long bounded(long nb) {
        return nb < 0 || nb > BEYOND_MEMORY ? BEYOND_MEMORY : nb;
    }
}
