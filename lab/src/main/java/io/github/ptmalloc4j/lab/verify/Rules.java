package io.github.ptmalloc4j.lab.verify;

/**
 * What ptmalloc2 and the kernel are expected to do, as arithmetic written down independently of the engine. All sizes
 * are in bytes.
 */
final class Rules {
    /** A page. */
    static final long PAGE = 4096;
    /** What lies between a chunk and the block that its user holds. */
    static final long HEADER = 16;
    /** The smallest chunk. */
    static final long MINSIZE = 32;
    /** glibc's default of {@code glibc.malloc.top_pad}, of the mmap threshold and of the trim threshold. */
    static final long KIB_128 = 128 << 10;
    /** The chunk of the tcache's own table, the first of every heap: 64 counts of 2 bytes and 64 heads of 8 bytes. */
    static final long TCACHE = chunk(64 * 2 + 64 * 8);

    private Rules() {}

    /** The chunk for a request: the request and a size word of 8 bytes, rounded up to 16, at least MINSIZE. */
    static long chunk(long request) {
        return Math.max(MINSIZE, (request + 8 + 15) & -16);
    }

    /** The mapping for a request at or above the mmap threshold: its chunk and 8 bytes, rounded up to pages. */
    static long mapping(long request) {
        return pageUp(chunk(request) + 8);
    }

    /** How far the break moves for a chunk that top has no room for. */
    static long growth(long chunk, long top) {
        return pageUp(chunk + KIB_128 + MINSIZE - top);
    }

    /** How far the break comes down when top is trimmed to {@code pad}: whole pages, and MINSIZE stays. */
    static long trimmed(long top, long pad) {
        return Math.max(0, pageDown(top - MINSIZE - 1 - pad));
    }

    static long pageUp(long bytes) {
        return pageDown(bytes + PAGE - 1);
    }

    static long pageDown(long bytes) {
        return bytes & -PAGE;
    }
}
