package io.github.ptmalloc4j.ptmalloc;

import io.github.ptmalloc4j.os.Memory;

/**
 * One bit for each bin: clear, and the bin is surely empty. Bits are set when a chunk is filed and cleared only when a
 * search finds the bin empty.
 */
final class Binmap {
    private static final int BITS = 32;
    private static final int BLOCKS = Bins.NBINS / BITS;

    private Binmap() {}

    static void markBin(MallocState av, int bin) {
        long word = av.binmapWord(bin / BITS);
        Memory.putInt(word, Memory.getInt(word) | 1 << bin % BITS);
    }

    static void unmarkBin(MallocState av, int bin) {
        long word = av.binmapWord(bin / BITS);
        Memory.putInt(word, Memory.getInt(word) & ~(1 << bin % BITS));
    }

    static boolean isMarked(MallocState av, int bin) {
        return (Memory.getInt(av.binmapWord(bin / BITS)) & 1 << bin % BITS) != 0;
    }

    /** The first marked bin from {@code bin} on; {@link Bins#NBINS} if there is none. */
    static int nextMarked(MallocState av, int bin) {
        int block = bin / BITS;
        int bits = block < BLOCKS ? Memory.getInt(av.binmapWord(block)) & -1 << bin % BITS : 0;
        while (bits == 0) {
            if (++block >= BLOCKS) {
                return Bins.NBINS;
            }
            bits = Memory.getInt(av.binmapWord(block));
        }
        return block * BITS + Integer.numberOfTrailingZeros(bits);
    }
}
