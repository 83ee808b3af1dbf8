package io.github.ptmalloc4j.lab.verify;

import io.github.ptmalloc4j.lab.verify.Measurement.Unit;
import io.github.ptmalloc4j.verify.Pagemap;
import java.util.ArrayList;
import java.util.List;

/**
 * What a proof collects: what it expects, then measurement by measurement what it found.
 *
 * <pre>{@code
 * evidence.expect("A mapping has no page until it is touched.");
 * evidence.when("after malloc(1 MiB)");
 * evidence.pages(PAGEMAP, "resident in the block", 0, block.resident());
 * }</pre>
 *
 * <p>The expected value always comes first and is computed from a rule, never typed in after a run. A measurement that
 * does not hold ends nothing: the rest is measured too, and the claim has failed.
 */
public final class Evidence {
    private final List<Measurement> measurements = new ArrayList<>();
    private String expected = "";
    private String step = "";

    Evidence() {}

    /** Says in prose what should happen, and by which rule. */
    public void expect(String sentences) {
        expected = sentences.strip().replaceAll("\\s+", " ");
    }

    /** Heads the measurements that follow. */
    public void when(String moment) {
        step = moment;
    }

    /** Pages of 4096 bytes. */
    public void pages(Witness witness, String what, long expected, long measured) {
        add(witness, what, Unit.PAGES, expected, measured);
    }

    /** Bytes. */
    public void bytes(Witness witness, String what, long expected, long measured) {
        add(witness, what, Unit.BYTES, expected, measured);
    }

    /** An address, or a word of memory in hexadecimal. */
    public void hex(Witness witness, String what, long expected, long measured) {
        add(witness, what, Unit.HEX, expected, measured);
    }

    /** System calls. */
    public void calls(Witness witness, String what, long expected, long measured) {
        add(witness, what, Unit.CALLS, expected, measured);
    }

    /** Anything else that is counted. */
    public void number(Witness witness, String what, long expected, long measured) {
        add(witness, what, Unit.NUMBER, expected, measured);
    }

    /** A word, such as the permissions of a mapping. */
    public void word(Witness witness, String what, String expected, String measured) {
        add(witness, what, Unit.WORD, expected, measured);
    }

    /** Whether something is so. */
    public void yes(Witness witness, String what, boolean measured) {
        word(witness, what, "yes", measured ? "yes" : "no");
    }

    /** Minor faults of this thread, by both counters. */
    public void faults(String what, long expected, FaultCount measured) {
        add(Witness.RUSAGE, what, Unit.FAULTS, expected, measured.byRusage());
        add(Witness.STAT, what, Unit.FAULTS, expected, measured.byStat());
    }

    /**
     * The proof that follows reads pagemap.
     *
     * @throws NotProvable if this machine has none
     */
    public void needsPagemap() {
        Pagemap.unavailable().ifPresent(reason -> {
            throw new NotProvable(reason);
        });
    }

    private void add(Witness witness, String what, Unit unit, Object expected, Object measured) {
        measurements.add(new Measurement(step, what, witness, expected, measured, unit, expected.equals(measured)));
    }

    /** Runs the proof of a claim to its end, whatever end that is. */
    static ClaimReport collect(Claim claim) {
        Evidence evidence = new Evidence();
        try {
            claim.proof().measure(evidence);
            return evidence.report(claim);
        } catch (NotProvable e) {
            return evidence.brokenOff(claim, e);
        } catch (Throwable t) {
            t.printStackTrace();
            return evidence.report(claim, Verdict.FAILED, "the proof broke off: " + t);
        }
    }

    /** What has failed by then has failed, also where the rest cannot be measured. */
    private ClaimReport brokenOff(Claim claim, NotProvable reason) {
        if (wrong() > 0) {
            return report(claim);
        }
        return report(claim, Verdict.NOT_PROVABLE, reason.getMessage());
    }

    private ClaimReport report(Claim claim) {
        if (measurements.isEmpty()) {
            return report(claim, Verdict.FAILED, "nothing was measured");
        }
        if (wrong() > 0) {
            String reason = "%d of %d measurements are not what was expected".formatted(wrong(), measurements.size());
            return report(claim, Verdict.FAILED, reason);
        }
        return report(claim, Verdict.PROVED, "");
    }

    private ClaimReport report(Claim claim, Verdict verdict, String reason) {
        return new ClaimReport(
                claim.number(), claim.sentence(), expected, List.copyOf(measurements), verdict, reason, 0);
    }

    private long wrong() {
        return measurements.stream().filter(m -> !m.holds()).count();
    }
}
