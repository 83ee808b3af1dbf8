package io.github.ptmalloc4j.lab.stress;

import java.util.List;

/**
 * What came of one mix.
 *
 * @param mix its name
 * @param rounds that were run
 * @param operations calls of the allocator
 * @param checks of contents, alignments and sizes
 * @param refused requests that were answered with 0
 * @param errors checks that did not hold, and what was thrown
 * @param first of the errors
 * @param nanos that the rounds took
 */
public record StressResult(
        String mix,
        long rounds,
        long operations,
        long checks,
        long refused,
        long errors,
        List<Violation> first,
        long nanos) {

    static StressResult of(Tally tally, long rounds, long nanos) {
        return new StressResult(
                tally.mix,
                rounds,
                tally.operations.sum(),
                tally.checks.sum(),
                tally.refused.sum(),
                tally.errors.sum(),
                tally.first(),
                nanos);
    }

    StressResult plus(StressResult other) {
        return new StressResult(
                mix,
                rounds + other.rounds,
                operations + other.operations,
                checks + other.checks,
                refused + other.refused,
                errors + other.errors,
                List.of(),
                nanos + other.nanos);
    }
}
