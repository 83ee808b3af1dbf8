package io.github.ptmalloc4j.lab.replay;

import io.github.ptmalloc4j.os.Memory;

/**
 * What a block is filled with: a sequence of words that begins at a key of its own and goes up by a constant, so that
 * no two blocks, and no two places of one block, hold the same words. Whole words first, the tail by bytes.
 */
public final class Pattern {
    /** 2^64 divided by the golden ratio, made odd: multiples of it are spread evenly. */
    private static final long STEP = 0x9e3779b97f4a7c15L;

    private static final long ALL_EQUAL = -1;

    private Pattern() {}

    /** The key of the block that operation {@code i} of a trace makes. */
    public static long key(long seed, int i) {
        long key = seed + (i + 1L) * STEP;
        key = (key ^ key >>> 30) * 0xbf58476d1ce4e5b9L;
        key = (key ^ key >>> 27) * 0x94d049bb133111ebL;
        return key ^ key >>> 31;
    }

    /** Fills {@code bytes} bytes from {@code mem} on. */
    public static void fill(long mem, long bytes, long key) {
        long words = bytes >> 3;
        long word = key;
        for (long k = 0; k < words; k++) {
            Memory.putLong(mem + (k << 3), word);
            word += STEP;
        }
        for (long offset = words << 3; offset < bytes; offset++) {
            Memory.putByte(mem + offset, expected(key, offset));
        }
    }

    /** The offset of the first byte that is not as {@link #fill} left it; −1 if all are. */
    public static long mismatch(long mem, long bytes, long key) {
        return mismatch(mem, bytes, key, STEP);
    }

    /** The offset of the first byte that is not 0; −1 if all are. */
    public static long nonZero(long mem, long bytes) {
        return mismatch(mem, bytes, 0, 0);
    }

    /** The byte that {@link #fill} leaves at an offset. */
    public static byte expected(long key, long offset) {
        return byteOf(key + (offset >> 3) * STEP, offset);
    }

    private static long mismatch(long mem, long bytes, long key, long step) {
        long words = bytes >> 3;
        long word = key;
        for (long k = 0; k < words; k++) {
            long difference = Memory.getLong(mem + (k << 3)) ^ word;
            if (difference != 0) {
                return (k << 3) + (Long.numberOfTrailingZeros(difference) >> 3);
            }
            word += step;
        }
        for (long offset = words << 3; offset < bytes; offset++) {
            if (Memory.getByte(mem + offset) != byteOf(word, offset)) {
                return offset;
            }
        }
        return ALL_EQUAL;
    }

    /** The byte that lies at {@code offset} of a sequence whose word there is {@code word}: little-endian. */
    private static byte byteOf(long word, long offset) {
        return (byte) (word >>> ((offset & 7) << 3));
    }
}
