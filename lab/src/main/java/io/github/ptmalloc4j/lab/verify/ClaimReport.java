package io.github.ptmalloc4j.lab.verify;

import java.util.List;

/**
 * What came of one claim, as data.
 *
 * @param number of the claim
 * @param claim its sentence
 * @param expected what should happen, and by which rule
 * @param measurements in the order in which they were taken
 * @param verdict what follows from them
 * @param reason why it failed or cannot be proved; empty if it is proved
 * @param milliseconds that the child ran
 */
public record ClaimReport(
        int number,
        String claim,
        String expected,
        List<Measurement> measurements,
        Verdict verdict,
        String reason,
        long milliseconds) {

    /** A claim whose proof gave no report of its own. */
    static ClaimReport failed(Claim claim, String reason) {
        return new ClaimReport(claim.number(), claim.sentence(), "", List.of(), Verdict.FAILED, reason, 0);
    }

    ClaimReport lasting(long milliseconds) {
        return new ClaimReport(number, claim, expected, measurements, verdict, reason, milliseconds);
    }
}
