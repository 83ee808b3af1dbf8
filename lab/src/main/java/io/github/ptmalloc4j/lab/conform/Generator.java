package io.github.ptmalloc4j.lab.conform;

import java.util.SplittableRandom;

/** Makes a sequence from a seed: the same seed, temperament and length give the same sequence. */
public final class Generator {
    /** Blocks held at a time hold no more than this: bytes. */
    private static final long MOST_LIVE_BYTES = 256L << 20;

    /** Larger blocks are not cleared, copied or filled as a matter of course: that would be most of the time. */
    private static final long CHEAP_BYTES = 1 << 20;

    private static final int[] LIVE_BLOCKS = {8, 60, 500, 3000};

    private final SplittableRandom random;
    private final Temperament temperament;
    private final Operations operations = new Operations();
    private final int mostLive;
    private final Live live;
    private final int length;
    private final long program;
    private boolean growing = true;

    private Generator(long seed, Temperament temperament, int length) {
        this.random = new SplittableRandom(seed);
        this.temperament = temperament;
        this.length = length;
        this.program = random.nextLong();
        int usual = LIVE_BLOCKS[random.nextInt(LIVE_BLOCKS.length)];
        this.mostLive = temperament.order() == Temperament.Order.HOARD ? length * 6 / 10 : usual;
        this.live = new Live(2 * mostLive + 16);
    }

    /** A sequence of {@code length} operations. */
    public static Operations generate(long seed, Temperament temperament, int length) {
        Generator generator = new Generator(seed, temperament, length);
        generator.fill();
        return generator.operations;
    }

    private void fill() {
        // Half of all programs free what they hold before they end.
        int ending = random.nextBoolean() ? 0 : Math.min(mostLive, length / 20);
        while (operations.size() < length - ending) {
            step();
        }
        while (operations.size() < length) {
            if (live.count() > 0) {
                free(live.any(random));
            } else {
                trim();
            }
        }
    }

    private void step() {
        int dice = random.nextInt(10_000);
        if ((dice -= temperament.trims()) < 0) {
            trim();
        } else if ((dice -= temperament.mallopts()) < 0) {
            Odd.mallopt(random, operations);
        } else if ((dice -= temperament.foreignSbrks()) < 0) {
            operations.add(Operations.FOREIGN_SBRK, 0, random.nextLong(1, 20_000), 0);
        } else if ((dice -= temperament.walls()) < 0) {
            operations.add(Operations.WALL, 0, random.nextLong(0, 2 << 20), 0);
        } else if ((dice -= temperament.absurd()) < 0) {
            Odd.absurd(random, operations, live.unusedId());
        } else if ((dice -= temperament.reallocs()) < 0) {
            realloc();
        } else if (wantsMore()) {
            allocate();
        } else {
            free(next());
        }
    }

    private boolean wantsMore() {
        if (live.count() == 0) {
            return true;
        }
        if (live.count() >= 2 * mostLive || live.bytes() > MOST_LIVE_BYTES) {
            growing = false;
            return false;
        }
        return switch (temperament.order()) {
            case PHASES -> random.nextInt(10) < (growing(mostLive / 20) ? 9 : 1);
            case HOARD -> growing(mostLive / 2);
            default -> random.nextInt(100) < (live.count() < mostLive ? 60 : 45);
        };
    }

    /** Whether the tide is coming in: up to the most, then down to {@code few}, and up again. */
    private boolean growing(int few) {
        if (live.count() >= mostLive) {
            growing = false;
        } else if (live.count() <= few) {
            growing = true;
        }
        return growing;
    }

    private int next() {
        return switch (temperament.order()) {
            case LAST_FIRST -> live.last();
            case FIRST_FIRST -> live.first();
            default -> live.any(random);
        };
    }

    private void allocate() {
        long bytes = temperament.sizes().next(random, program);
        int kind = random.nextInt(100);
        int id = live.unusedId();
        boolean kept = true;
        if ((kind -= temperament.aligned()) < 0) {
            aligned(id, bytes);
        } else if ((kind -= temperament.callocs()) < 0 && bytes <= CHEAP_BYTES) {
            long count = random.nextBoolean() ? 1 : random.nextLong(1, 20);
            operations.add(Operations.CALLOC, id, count, bytes / count);
        } else if (random.nextInt(200) == 0) {
            operations.add(Operations.REALLOC, id, bytes, 0);
        } else {
            operations.add(Operations.MALLOC, id, bytes, 0);
        }
        if (temperament.order() == Temperament.Order.PINS && random.nextInt(mostLive * 4) == 0) {
            kept = false;
        }
        live.add(id, bytes, kept);
    }

    private void aligned(int id, long bytes) {
        // Mostly up to a page, now and then far more.
        long alignment = 1L << random.nextInt(1 + (random.nextInt(30) > 0 ? 12 : temperament.alignmentBits()));
        switch (random.nextInt(10)) {
            case 0 -> operations.add(Operations.VALLOC, id, bytes, 0);
            case 1 -> operations.add(Operations.PVALLOC, id, bytes, 0);
            case 2, 3, 4 -> operations.add(Operations.POSIX_MEMALIGN, id, Math.max(8, alignment), bytes);
            case 5, 6 -> operations.add(Operations.ALIGNED_ALLOC, id, alignment, bytes);
            default -> operations.add(Operations.MEMALIGN, id, alignment + (random.nextInt(20) == 0 ? 3 : 0), bytes);
        }
    }

    private void realloc() {
        if (live.count() == 0) {
            return;
        }
        int id = live.any(random);
        long old = live.bytes(id);
        if (random.nextInt(60) == 0) {
            operations.add(Operations.REALLOC, id, 0, 0);
            live.remove(id);
            return;
        }
        long bytes =
                switch (random.nextInt(4)) {
                    case 0 -> temperament.sizes().next(random, program);
                    case 1 -> old + random.nextLong(0, 2 + old / 2);
                    case 2 -> random.nextLong(1, 2 + old);
                    default -> old + random.nextLong(0, 64);
                };
        bytes = Math.max(1, Math.min(bytes, old > CHEAP_BYTES ? 2 * Sizes.MOST_DYNAMIC : 4 * CHEAP_BYTES));
        operations.add(Operations.REALLOC, id, bytes, 0);
        live.resize(id, bytes);
    }

    private void free(int id) {
        operations.add(Operations.FREE, id, 0, 0);
        live.remove(id);
        if (random.nextInt(500) == 0 && operations.size() < length) {
            operations.add(Operations.FREE, id, 0, 0); // of a null pointer
        }
    }

    private void trim() {
        long pad =
                switch (random.nextInt(4)) {
                    case 0 -> random.nextLong(1 << 18);
                    case 1 -> powerOfTwo();
                    default -> 0;
                };
        operations.add(Operations.TRIM, 0, pad, 0);
    }

    /**
     * So many bytes as every machine has or none: where top is of the least size, glibc 2.36 lets the break rise by the pad, and
     * then it depends on the machine whether it can.
     */
    private long powerOfTwo() {
        int bits = random.nextInt(48);
        return 1L << (bits <= 30 ? bits : bits + 16);
    }
}
