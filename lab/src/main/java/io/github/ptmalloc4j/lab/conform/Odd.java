package io.github.ptmalloc4j.lab.conform;

import java.util.SplittableRandom;

/** Calls that sensible programs do not make. None of them is misuse: each has a defined result. */
final class Odd {
    /** Sizes that no machine has: around PTRDIFF_MAX and SIZE_MAX, and what overflows when rounded up. */
    private static final long[] SIZES = {
        Long.MAX_VALUE,
        Long.MAX_VALUE - 15,
        Long.MAX_VALUE - 16,
        Long.MAX_VALUE - 4096,
        Long.MIN_VALUE,
        Long.MIN_VALUE + 1,
        -1,
        -8,
        -16,
        -17,
        -24,
        -32,
        -33,
        -4095,
        -4096,
        -4097,
        1L << 62,
        1L << 48,
        3L << 61
    };

    private static final long[] ALIGNMENTS = {
        0,
        1,
        2,
        3,
        4,
        6,
        8,
        12,
        16,
        17,
        24,
        31,
        33,
        48,
        100,
        4095,
        4097,
        1L << 48,
        1L << 62,
        (1L << 62) + 1,
        Long.MIN_VALUE,
        Long.MIN_VALUE + 1,
        -1
    };

    /** Numbers of malloc.h with values, good and bad; a few parameters that do nothing. */
    private static final int[][] OPTIONS = {
        {1, 0},
        {1, 7},
        {1, 8},
        {1, 64},
        {1, 128},
        {1, 160},
        {1, 161},
        {1, -1},
        {-1, -1},
        {-1, 0},
        {-1, 65536},
        {-1, 131072},
        {-1, 1 << 20},
        {-2, 0},
        {-2, 1},
        {-2, 4096},
        {-2, 12345},
        {-2, 131072},
        {-2, 1 << 20},
        {-3, 0},
        {-3, 4096},
        {-3, 65536},
        {-3, 131072},
        {-3, 1 << 20},
        {-3, 1 << 26},
        {-4, 0},
        {-4, 1},
        {-4, 10},
        {-4, 65536},
        {-5, 0},
        {-6, 0},
        {-6, 0xaa},
        {-6, 0x155},
        {-7, 0},
        {-7, 8},
        {-8, 0},
        {-8, 4},
        {2, 1},
        {3, 1},
        {4, 1},
        {0, 0},
        {99, 1}
    };

    private Odd() {}

    /** Changes a setting in the middle of everything. */
    static void mallopt(SplittableRandom random, Operations operations) {
        int[] option = OPTIONS[random.nextInt(OPTIONS.length)];
        operations.add(Operations.MALLOPT, 0, option[0], option[1]);
    }

    /** Asks for what cannot be had; {@code id} is unused before, and freed at once if it could be had after all. */
    static void absurd(SplittableRandom random, Operations operations, int id) {
        long size = SIZES[random.nextInt(SIZES.length)];
        long alignment = ALIGNMENTS[random.nextInt(ALIGNMENTS.length)];
        long bytes = random.nextBoolean() ? size : random.nextLong(0, 2000);
        switch (random.nextInt(8)) {
            case 0 -> operations.add(Operations.MALLOC, id, size, 0);
            case 1 -> operations.add(Operations.CALLOC, id, random.nextLong(0, 3), size);
            case 2 ->
                operations.add(Operations.CALLOC, id, 1L << random.nextInt(64), 1L << random.nextInt(64) | 1L << 63);
            case 3 -> operations.add(Operations.REALLOC, id, size, 0);
            case 4 -> operations.add(Operations.MEMALIGN, id, alignment, bytes);
            case 5 -> operations.add(Operations.ALIGNED_ALLOC, id, alignment, bytes);
            case 6 -> operations.add(Operations.POSIX_MEMALIGN, id, alignment, bytes);
            default -> operations.add(random.nextBoolean() ? Operations.VALLOC : Operations.PVALLOC, id, size, 0);
        }
        operations.add(Operations.FREE, id, 0, 0);
    }
}
