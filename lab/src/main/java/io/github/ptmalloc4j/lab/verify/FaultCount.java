package io.github.ptmalloc4j.lab.verify;

import io.github.ptmalloc4j.verify.Faults;

/**
 * The minor faults of one piece of code, run several times on memory that is fresh each time: the fewest of all rounds.
 *
 * <p>In the first rounds the JVM faults as well, on its own stack, code and tables. Such faults can only add to a
 * round, so the fewest is exact as soon as one round went undisturbed.
 */
final class FaultCount {
    /** How often a proof runs what it counts: two rounds to warm up, and some to be undisturbed in. */
    static final int ROUNDS = 5;

    private long byRusage = Long.MAX_VALUE;
    private long byStat = Long.MAX_VALUE;

    /** One round. */
    void around(Runnable code) {
        long stat = Faults.minorFromStat();
        long rusage = Faults.minor();
        code.run();
        byRusage = Math.min(byRusage, Faults.minor() - rusage);
        byStat = Math.min(byStat, Faults.minorFromStat() - stat);
    }

    /** By getrusage. */
    long byRusage() {
        return byRusage;
    }

    /** By /proc/thread-self/stat. */
    long byStat() {
        return byStat;
    }
}
