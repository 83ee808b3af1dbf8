package io.github.ptmalloc4j.lab.conform;

import static io.github.ptmalloc4j.lab.conform.Sizes.between;
import static io.github.ptmalloc4j.lab.conform.Sizes.either;
import static io.github.ptmalloc4j.lab.conform.Sizes.few;
import static io.github.ptmalloc4j.lab.conform.Sizes.magnitudes;
import static io.github.ptmalloc4j.lab.conform.Sizes.nearBoundaries;
import static io.github.ptmalloc4j.lab.conform.Sizes.pages;

/** A kind of program: what it asks for, how long it keeps it, and which calls it likes. */
public enum Temperament {
    TINY(between(0, 60), Order.RANDOM, 0),
    FAST(between(0, 170), Order.RANDOM, 40),
    SMALL(between(0, 1100), Order.RANDOM, 5),
    FEW_SIZES(few(between(0, 2000)), Order.RANDOM, 2),
    FEW_IN_PHASES(few(between(130, 1040)), Order.PHASES, 2),
    PAGES(pages(), Order.RANDOM, 10),
    LARGE(magnitudes(1000, 120_000), Order.RANDOM, 5),
    BOUNDARIES(nearBoundaries(), Order.RANDOM, 10),
    MIXED(mixed(), Order.RANDOM, 10),
    LIFO(mixed(), Order.LAST_FIRST, 2),
    FIFO(mixed(), Order.FIRST_FIRST, 2),
    PHASES(mixed(), Order.PHASES, 20),
    PINS(mixed(), Order.PINS, 5),
    HOARD(between(129, 1000), Order.HOARD, 0),
    REALLOC(either(70, between(0, 3000), magnitudes(1, 400_000)), Order.RANDOM, 5),
    ALIGNED(either(80, between(0, 3000), magnitudes(1, 200_000)), Order.RANDOM, 5),
    CALLOC(mixed(), Order.PHASES, 10),
    TRIM(either(50, between(0, 200), magnitudes(1000, 200_000)), Order.PHASES, 500),
    THRESHOLD(either(60, magnitudes(60_000, 2_000_000), nearBoundaries()), Order.RANDOM, 10),
    OPTIONS(either(80, mixed(), nearBoundaries()), Order.RANDOM, 20),
    FOREIGN(mixed(), Order.RANDOM, 20),
    WALLED(either(80, mixed(), nearBoundaries()), Order.RANDOM, 30),
    ABSURD(nearBoundaries(), Order.RANDOM, 10);

    private final Sizes sizes;
    private final Order order;
    private final int trims;

    Temperament(Sizes sizes, Order order, int trims) {
        this.sizes = sizes;
        this.order = order;
        this.trims = trims;
    }

    /** Which block goes next. */
    enum Order {
        RANDOM,
        LAST_FIRST,
        FIRST_FIRST,
        /** Many blocks, then few, and again. */
        PHASES,
        /** Now and then one stays for good. */
        PINS,
        /** More and more, then half of all at once: lists longer than what one request sorts. */
        HOARD
    }

    private static Sizes mixed() {
        return either(75, between(0, 1200), either(80, magnitudes(1, 20_000), magnitudes(1000, 300_000)));
    }

    Sizes sizes() {
        return sizes;
    }

    Order order() {
        return order;
    }

    /** Calls of malloc_trim in 10,000. */
    int trims() {
        return trims;
    }

    /** Calls of realloc in 10,000. */
    int reallocs() {
        return this == REALLOC ? 6000 : this == HOARD ? 0 : 600;
    }

    /** Calls of mallopt in 10,000. */
    int mallopts() {
        return this == OPTIONS ? 100 : 0;
    }

    /** Moves of the break by somebody else, in 10,000 calls. */
    int foreignSbrks() {
        return this == FOREIGN ? 20 : 0;
    }

    /** Walls put before the break, in 10,000 calls. */
    int walls() {
        return this == WALLED ? 10 : 0;
    }

    /**
     * Whether several threads can have it. Not where the main arena maps areas: then a call that finds no room there may map
     * one for the tcache of its thread, of which the oracle does not tell.
     */
    boolean isForThreads() {
        return this != WALLED;
    }

    /** The largest alignment asked for, as a power of two. */
    int alignmentBits() {
        return this == WALLED ? 12 : 20;
    }

    /** Calls that ask for the impossible, in 10,000. */
    int absurd() {
        return this == ABSURD ? 2000 : this == HOARD ? 0 : 20;
    }

    /** Allocations in 100 that ask for an alignment. */
    int aligned() {
        return this == ALIGNED ? 60 : 3;
    }

    /** Allocations in 100 that are callocs. */
    int callocs() {
        return this == CALLOC ? 60 : 10;
    }
}
