package io.github.ptmalloc4j.lab.stress;

/** What the threads do. */
public enum Mix {
    /** All calls at random; blocks change hands through slots that all threads share. */
    RANDOM("random calls", RandomMix::round),
    /** larson: each thread owns slots, and bleeds into a successor that inherits them. */
    BLEEDING("larson", BleedingMix::round),
    /** mstress: threads come and go in rounds; a few blocks migrate, a few are large. */
    MIGRATING("mstress", MigratingMix::round),
    /** xmalloc: some only allocate, others only free, in batches. */
    BATCHES("xmalloc", BatchesMix::round);

    /** Runs one round: all threads have ended and all blocks are in {@code end} when it returns. */
    @FunctionalInterface
    interface Round {
        /** What is to be done once the heap has been checked: frees all that the round has left. */
        Runnable run(Crew crew, Worker main) throws InterruptedException;
    }

    private final String label;
    final Round round;

    Mix(String label, Round round) {
        this.label = label;
        this.round = round;
    }

    /** A name for a table. */
    public String label() {
        return label;
    }
}
