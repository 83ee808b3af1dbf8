package io.github.ptmalloc4j.lab.stress;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** What the workers of one mix count together. */
final class Tally {
    /** Violations that are kept; all are counted. */
    private static final int KEPT = 10;

    final String mix;
    final LongAdder operations = new LongAdder();
    final LongAdder checks = new LongAdder();
    /** Requests that were answered with 0. */
    final LongAdder refused = new LongAdder();

    final LongAdder errors = new LongAdder();
    private final List<Violation> first = new ArrayList<>();

    Tally(String mix) {
        this.mix = mix;
    }

    synchronized void violated(int thread, String what) {
        errors.increment();
        if (first.size() < KEPT) {
            first.add(new Violation(mix, thread, what));
        }
    }

    synchronized List<Violation> first() {
        return List.copyOf(first);
    }
}
