package io.github.ptmalloc4j.lab.conform;

import java.util.SplittableRandom;

/** A taste in sizes. */
@FunctionalInterface
interface Sizes {
    /** Where something changes: tcache, fast bins, small and large bins, consolidation, mmap, in request bytes. */
    long[] BOUNDARIES = {
        0, 24, 40, 56, 72, 120, 136, 152, 160, 512, 1000, 1008, 1024, 1032, 1040, 3056, 3120, 3568, 4080, 4096, 10224,
        10736, 12272, 40944, 65512, 65520, 65536, 131048, 131056, 131072, 262144, 524288, 1 << 20
    };

    /** The largest threshold that moves by itself: bytes. */
    long MOST_DYNAMIC = 32 << 20;
    /** Bytes. */
    long PAGE = 4096;
    /** The chunk at the start of the heap that is the table of the tcache: bytes. */
    long TCACHE_BYTES = 0x290;

    /**
     * Bytes to ask for.
     *
     * @param program a number that is the same all through one program
     */
    long next(SplittableRandom random, long program);

    /** Each size from {@code least} to {@code most} equally often. */
    static Sizes between(long least, long most) {
        return (random, program) -> random.nextLong(least, most + 1);
    }

    /** Each order of magnitude from {@code least} (1 or more) to {@code most} about equally often. */
    static Sizes magnitudes(long least, long most) {
        double low = Math.log(least);
        double high = Math.log(most);
        return (random, program) -> (long) Math.exp(low + (high - low) * random.nextDouble());
    }

    /** Sizes within 40 bytes of a boundary, that of the largest dynamic threshold included, but rarely. */
    static Sizes nearBoundaries() {
        return (random, program) -> {
            long boundary = random.nextInt(500) == 0 ? MOST_DYNAMIC : BOUNDARIES[random.nextInt(BOUNDARIES.length)];
            return Math.max(0, boundary + random.nextLong(-40, 41));
        };
    }

    /** A few sizes, which differ from program to program, over and over: lists grow long. */
    static Sizes few(Sizes others) {
        return (random, program) -> others.next(new SplittableRandom(program + random.nextInt(4)), program);
    }

    /** Chunks of whole pages, so that limits are met exactly; the odd one completes the page that the tcache begins. */
    static Sizes pages() {
        return (random, program) ->
                random.nextInt(20) == 0 ? PAGE - TCACHE_BYTES - 8 : PAGE * random.nextLong(1, 40) - 8;
    }

    /** One taste with a chance of {@code percent}, else the other. */
    static Sizes either(int percent, Sizes one, Sizes other) {
        return (random, program) -> (random.nextInt(100) < percent ? one : other).next(random, program);
    }
}
