package io.github.ptmalloc4j.ptmalloc;

import io.github.ptmalloc4j.os.Memory;

/**
 * One bit for each bin: clear, and the bin is surely empty. Bits are set when a chunk is filed and cleared only when a
 * search finds the bin empty.
 */
final class Binmap {
    /** The first of the two words, of 64 bits each, holds bins 0 to 63. */
    private static final int FIRST_OF_SECOND = 64;

    private Binmap() {}

    static void markBin(MallocState av, int bin) {
        long word = av.binmapWord(bin);
        Memory.putLong(word, Memory.getLong(word) | 1L << bin);
    }

    static void unmarkBin(MallocState av, int bin) {
        long word = av.binmapWord(bin);
        Memory.putLong(word, Memory.getLong(word) & ~(1L << bin));
    }

    static boolean isMarked(MallocState av, int bin) {
        return (Memory.getLong(av.binmapWord(bin)) & 1L << bin) != 0;
    }

    /** The first marked bin from {@code bin} on; {@link Bins#NBINS} if there is none. */
    static int nextMarked(MallocState av, int bin) {
        if (bin < FIRST_OF_SECOND) {
            long bits = Memory.getLong(av.binmapWord(0)) & -1L << bin;
            if (bits != 0) {
                return Long.numberOfTrailingZeros(bits);
            }
        }
        if (bin >= Bins.NBINS) {
            return Bins.NBINS;
        }
        long bits = Memory.getLong(av.binmapWord(FIRST_OF_SECOND)) & (bin < FIRST_OF_SECOND ? -1L : -1L << bin);
        return bits == 0 ? Bins.NBINS : FIRST_OF_SECOND + Long.numberOfTrailingZeros(bits);
    }
}
