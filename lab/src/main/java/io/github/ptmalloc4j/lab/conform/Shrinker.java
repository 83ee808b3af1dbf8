package io.github.ptmalloc4j.lab.conform;

/**
 * Makes a sequence that differs smaller, as long as it still differs somewhere.
 *
 * <p>Three moves, repeated until none helps: cut off what lies behind the first difference; leave out runs of operations,
 * long ones first (delta debugging); make sizes smaller and rounder. Any operation may be left out, because an id without
 * a block is a null pointer on both sides.
 */
public final class Shrinker {
    /** Below this length statistics are compared after each operation, which shortens a sequence whose end shows them. */
    private static final int SHORT = 2000;

    /** No more trials than this: each starts a process. */
    private static final int MOST_TRIALS = 4000;

    private final Comparison comparison;
    private Operations best;
    private Difference difference;
    private int trials;

    private Shrinker(Comparison comparison, Operations operations, Difference first) {
        this.comparison = comparison;
        this.best = operations.prefix(first.index() + 1);
        this.difference = first;
    }

    /**
     * A sequence that differs and its difference.
     *
     * @param operations ids counted from 0
     */
    public record Result(Operations operations, Difference difference) {}

    /** Shrinks a sequence whose first difference is known. */
    public static Result shrink(Comparison comparison, Operations operations, Difference first) {
        Shrinker shrinker = new Shrinker(comparison, operations, first);
        shrinker.shrink();
        return new Result(shrinker.best.renumbered(), shrinker.difference);
    }

    private void shrink() {
        accept(best.renumbered());
        int before;
        do {
            before = best.size();
            leaveOut();
        } while (best.size() < before && trials < MOST_TRIALS);
        simplifySizes();
        leaveOut();
    }

    /** Takes a candidate for the best one if it differs. */
    private boolean accept(Operations candidate) {
        if (candidate.size() == 0 || trials >= MOST_TRIALS) {
            return false;
        }
        trials++;
        Comparison trial = candidate.size() <= SHORT ? comparison.withStatisticsEvery(1) : comparison;
        Difference found = trial.run(candidate);
        if (found == null) {
            return false;
        }
        best = candidate.prefix(found.index() + 1);
        difference = found;
        return true;
    }

    private void leaveOut() {
        for (int length = Math.max(1, best.size() / 2); length >= 1; length /= 2) {
            // From the end, so that what a later operation needs goes after it.
            for (int from = best.size() - length; from > -length; from -= length) {
                int to = Math.min(best.size(), from + length);
                if (to > Math.max(from, 0)) {
                    accept(best.without(Math.max(from, 0), to));
                }
            }
        }
    }

    private void simplifySizes() {
        for (int i = 0; i < best.size(); i++) {
            if (best.takesBytes(i)) {
                simplifySize(i);
            }
        }
    }

    private void simplifySize(int index) {
        long bytes = best.bytes(index);
        long smallest = 0;
        // The smallest size that differs, if all above it do; else just some smaller one.
        while (Long.compareUnsigned(smallest, bytes) < 0) {
            long middle = smallest + Long.divideUnsigned(bytes - smallest, 2);
            if (accept(best.withBytes(index, middle))) {
                bytes = middle;
            } else {
                smallest = middle + 1;
            }
            if (index >= best.size()) {
                return;
            }
        }
    }
}
