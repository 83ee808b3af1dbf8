package io.github.ptmalloc4j.benchmarks.workloads;

/** Random numbers by splitmix64, the same as in {@code workloads.c} from the same seed. */
final class Draws {
    private static final int[] SEVENTEEN = {
        8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048
    };

    private long state;

    Draws(long seed) {
        state = seed;
    }

    private long next() {
        state += 0x9e3779b97f4a7c15L;
        long z = (state ^ state >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }

    /** 0 to {@code bound} − 1. */
    int below(int bound) {
        return (int) ((next() >>> 32) * bound >>> 32);
    }

    /** Larson's sizes: 8 to 999 bytes. */
    int larson() {
        return 8 + below(992);
    }

    /** 70 % below 256 bytes, 20 % below 1 KiB, 8 % below 4 KiB, 2 % below 32 KiB. */
    int mixed() {
        int percent = below(100);
        if (percent < 70) {
            return 16 + below(240);
        }
        if (percent < 90) {
            return 256 + below(768);
        }
        return percent < 98 ? 1024 + below(3072) : 4096 + below(28672);
    }

    /** 4 to 32768 bytes, half of them below 8: the inverse-square law of glibc's own benchmark. */
    int inverseSquare() {
        double u = (next() >>> 11) * 0x1p-53;
        return (int) (1 / ((1.0 / 32768 - 0.25) * u + 0.25));
    }

    /** One of xmalloc's 17 sizes: 8 to 2048 bytes. */
    int seventeen() {
        return SEVENTEEN[below(SEVENTEEN.length)];
    }

    /** {@code min} to {@code max}, the probability falling linearly to 0. */
    int falling(int min, int max) {
        int range = max - min;
        return min + Math.abs(below(range) - below(range));
    }

    /** Brings the elements into random order. */
    void shuffle(int[] elements) {
        for (int i = elements.length - 1; i > 0; i--) {
            int j = below(i + 1);
            int element = elements[i];
            elements[i] = elements[j];
            elements[j] = element;
        }
    }
}
