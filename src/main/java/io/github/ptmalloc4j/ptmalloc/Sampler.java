package io.github.ptmalloc4j.ptmalloc;

import java.lang.invoke.VarHandle;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Chooses among the requests of one thread those that the observer hears of, so that one of {@code n} bytes is chosen with a
 * probability of about {@code n / period}, independently of all others.
 *
 * <p>What comes to the arenas or from a large stack of the tcache is counted in bytes: the distances between two samples are drawn
 * from the exponential distribution. What the small stacks answer is too fast for that. There a call is stopped at numbers of calls
 * that are drawn in advance, one in {@code period / 1040} on average, which costs the others a comparison; and of those that are stopped a
 * request is chosen with a probability of {@code n / 1040}.
 *
 * <p>Each sample comes with its weight, the bytes that it stands for: {@code n} divided by the probability that it had, so that
 * the weights add up, on average, to what was requested.
 */
final class Sampler {
    static final long NOT_CHOSEN = -1;

    /** The largest request that a small stack answers, about; it need not be exact. */
    private static final long LARGEST_CACHED = 1040;
    /** Nanoseconds between two samples of a thread, if they are to cost little. */
    private static final long LEISURE = 5_000_000;

    private static final int SLOWEST = 20;

    private final MallocPar mp;
    private final Tcache tcache;
    /** The period for which the two distances were drawn; 0, none. */
    private long period;

    private long bytesLeft;
    /** How many times the period is doubled for a thread that allocates very fast. */
    private int slowdown;

    private long lastSample;

    Sampler(MallocPar mp, Tcache tcache) {
        this.mp = mp;
        this.tcache = tcache;
    }

    /**
     * Whether a request is chosen that a small stack of the tcache has a chunk for, but did not answer.
     *
     * @param bytes of the request
     * @return what it stands for, in bytes; or {@link #NOT_CHOSEN}
     */
    long chooseCached(long bytes) {
        if (period != wantedPeriod()) {
            // Stopped for that alone.
            drawn();
            return NOT_CHOSEN;
        }
        return tcache.isStopped() && drawn() ? atLeisure(weightOfCached(bytes)) : NOT_CHOSEN;
    }

    /**
     * Whether a request is chosen that no small stack can answer.
     *
     * @param bytes of the request
     * @param counted whether it counts among the calls that the tcache may be told to stop
     * @return what it stands for, in bytes; or {@link #NOT_CHOSEN}
     */
    long choose(long bytes, boolean counted) {
        // A stop that falls on such a call is spent, for its bytes choose it.
        boolean sampling = counted && tcache.isStopped() || period != wantedPeriod() ? drawn() : period != 0;
        return sampling ? atLeisure(weight(bytes)) : NOT_CHOSEN;
    }

    private long wantedPeriod() {
        return mp.samplePeriod << slowdown;
    }

    /**
     * Draws the distances to the next samples. Exponential and geometric ones have no memory: they may be drawn anew at any time.
     *
     * @return whether there are to be samples
     */
    private boolean drawn() {
        do {
            period = wantedPeriod();
            bytesLeft = bytesToNext();
            tcache.stopAfter(callsToNext());
            // Whoever changes the period does that first and stops the thread then: either the change is seen here,
            // or that stop comes behind ours.
            VarHandle.fullFence();
        } while (period != wantedPeriod());
        return period != 0;
    }

    private long weight(long bytes) {
        bytesLeft -= bytes;
        if (period == 1) {
            return bytes;
        }
        if (bytesLeft >= 0) {
            return NOT_CHOSEN;
        }
        bytesLeft = bytesToNext();
        return Math.round(bytes / -Math.expm1(-(double) bytes / period));
    }

    private long weightOfCached(long bytes) {
        if (period == 1) {
            return bytes;
        }
        double chance = Math.min(1, (double) bytes * callsApart() / period);
        return ThreadLocalRandom.current().nextDouble() < chance
                ? Math.round(bytes * callsApart() / chance)
                : NOT_CHOSEN;
    }

    /** On average. */
    private long callsApart() {
        return Math.max(1, period / LARGEST_CACHED);
    }

    /** Geometrically distributed, so that no rhythm of the program is met or missed for ever. */
    private long callsToNext() {
        if (period == 0) {
            return Long.MAX_VALUE;
        }
        long apart = callsApart();
        return apart == 1 ? 1 : 1 + (long) (exponential() / -Math.log1p(-1.0 / apart));
    }

    private long bytesToNext() {
        return (long) (exponential() * period);
    }

    private static double exponential() {
        return -Math.log1p(-ThreadLocalRandom.current().nextDouble());
    }

    /** Finds the period that leaves time between two samples, after one of this weight. */
    private long atLeisure(long weight) {
        if (weight != NOT_CHOSEN && mp.sampleAtLeisure && adaptPeriod(System.nanoTime())) {
            // At once, so that no sample is drawn by one period and weighed by another.
            drawn();
        }
        return weight;
    }

    private boolean adaptPeriod(long now) {
        long since = now - lastSample;
        lastSample = now;
        if (since < LEISURE && slowdown < SLOWEST) {
            slowdown++;
            return true;
        }
        if (since > 4 * LEISURE && slowdown > 0) {
            slowdown--;
            return true;
        }
        return false;
    }
}
