package io.github.ptmalloc4j.lab.stress;

import java.util.SplittableRandom;

/** Sizes of requests, in bytes. */
final class Sizes {
    private static final int PERCENT = 100;

    private Sizes() {}

    /** Mostly small, now and then above the mmap threshold. */
    static long skewed(SplittableRandom random) {
        int dice = random.nextInt(10 * PERCENT);
        if (dice < 700) {
            return random.nextLong(512);
        }
        if (dice < 950) {
            return random.nextLong(4096);
        }
        return random.nextLong(dice < 998 ? 32 << 10 : 300 << 10);
    }

    /** A power of two times 8, and 2 in a hundred much larger, as mstress has it. */
    static long powers(SplittableRandom random, int exponents) {
        long bytes = 8L << random.nextInt(exponents);
        if (random.nextInt(PERCENT) >= 2) {
            return bytes;
        }
        int dice = random.nextInt(PERCENT);
        return bytes * (dice < 2 ? 10_000 : dice < 13 ? 1000 : PERCENT);
    }
}
