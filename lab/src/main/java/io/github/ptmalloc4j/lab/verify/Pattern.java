package io.github.ptmalloc4j.lab.verify;

import io.github.ptmalloc4j.os.Memory;

/** Bytes that tell where they belong: each word of a block holds its own offset, mixed with a seed. */
final class Pattern {
    private Pattern() {}

    /** Writes the whole words of a block. */
    static void fill(long mem, long bytes, long seed) {
        for (long offset = 0; offset + Long.BYTES <= bytes; offset += Long.BYTES) {
            Memory.putLong(mem + offset, word(offset, seed));
        }
    }

    /** How many words of a block are no longer what {@link #fill} wrote. */
    static long damage(long mem, long bytes, long seed) {
        long damaged = 0;
        for (long offset = 0; offset + Long.BYTES <= bytes; offset += Long.BYTES) {
            damaged += Memory.getLong(mem + offset) == word(offset, seed) ? 0 : 1;
        }
        return damaged;
    }

    private static long word(long offset, long seed) {
        return (offset + 1) * 0x9e3779b97f4a7c15L + seed;
    }
}
