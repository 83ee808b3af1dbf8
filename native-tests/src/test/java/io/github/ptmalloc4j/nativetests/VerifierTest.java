package io.github.ptmalloc4j.nativetests;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.ptmalloc4j.lab.verify.Claim;
import io.github.ptmalloc4j.lab.verify.ClaimReport;
import io.github.ptmalloc4j.lab.verify.Verdict;
import io.github.ptmalloc4j.lab.verify.Verifier;
import io.github.ptmalloc4j.lab.verify.VerifyCommand;
import io.github.ptmalloc4j.verify.Pagemap;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class VerifierTest {
    private record Run(int status, String out, String err) {
        static Run of(VerifyCommand command, String... arguments) {
            StringWriter out = new StringWriter();
            StringWriter err = new StringWriter();
            int status = new CommandLine(command)
                    .setOut(new PrintWriter(out, true))
                    .setErr(new PrintWriter(err, true))
                    .execute(arguments);
            return new Run(status, out.toString(), err.toString());
        }

        JsonNode json() {
            try {
                return new ObjectMapper().readTree(out);
            } catch (JsonProcessingException e) {
                throw new AssertionError(out, e);
            }
        }
    }

    /** The twenty claims, once, as a user runs them. */
    @Nested
    class TheTwentyClaims {
        private static Run run;

        @BeforeAll
        static void verify() {
            run = Run.of(new VerifyCommand(), "--json");
        }

        private static Stream<JsonNode> claims() {
            return StreamSupport.stream(run.json().get("claims").spliterator(), false);
        }

        @Test
        void areAllReportedInOrder() {
            assertEquals(
                    Stream.iterate(1, n -> n + 1).limit(20).toList(),
                    claims().map(c -> c.get("number").asInt()).toList());
        }

        @Test
        void areProvedOrSayWhyThisMachineCannotProveThem() {
            assertAll(claims().map(claim -> () -> {
                String verdict = claim.get("verdict").asText();
                boolean explained = !claim.get("reason").asText().isBlank();
                assertTrue(
                        verdict.equals("PROVED") || verdict.equals("NOT_PROVABLE") && explained, claim::toPrettyString);
            }));
        }

        @Test
        void areProvedWhereTheKernelShowsItsPages() {
            // Without pagemap 11 to 13 and 17 to 20 need not wait for it; without huge pages 15 has none to show.
            boolean pagemap = Pagemap.unavailable().isEmpty();
            String hugePages =
                    run.json().get("machine").get("transparentHugePages").asText();
            List<Integer> missing = claims().filter(
                            c -> !c.get("verdict").asText().equals("PROVED"))
                    .map(c -> c.get("number").asInt())
                    .filter(n ->
                            pagemap || List.of(2, 3, 11, 12, 13, 17, 18, 19, 20).contains(n))
                    .filter(n -> n != 15 || List.of("madvise", "always").contains(hugePages))
                    .toList();
            assertEquals(List.of(), missing);
        }

        @Test
        void haveMeasuredWhatTheyExpected() {
            assertAll(claims().filter(c -> c.get("verdict").asText().equals("PROVED"))
                    .map(claim -> () -> {
                        assertFalse(claim.get("measurements").isEmpty(), claim::toPrettyString);
                        claim.get("measurements")
                                .forEach(m -> assertEquals(m.get("expected"), m.get("measured"), m::toPrettyString));
                    }));
        }

        @Test
        void giveTheExitStatusThatTheirVerdictsAskFor() {
            boolean all = claims().allMatch(c -> c.get("verdict").asText().equals("PROVED"));
            assertEquals(all ? 0 : 3, run.status());
        }
    }

    private static Run broken(Integer... claims) {
        VerifyCommand command = new VerifyCommand(BrokenClaims.class, new BrokenClaims().get());
        return Run.of(command, Stream.of(claims).map(String::valueOf).toArray(String[]::new));
    }

    private static void contains(String expected, String text) {
        assertTrue(text.contains(expected), () -> "\"" + expected + "\" is not in:\n" + text);
    }

    @Test
    void aTrueClaimIsProved() {
        Run run = broken(BrokenClaims.TRUE);
        assertEquals(0, run.status());
        contains("PROVED  1 measurement, all as expected", run.out());
    }

    @Test
    void aWrongExpectationFails() {
        Run run = broken(BrokenClaims.TRUE, BrokenClaims.WRONG_EXPECTATION);
        assertEquals(1, run.status());
        contains("WRONG", run.out());
        contains("FAILED: 1 of 1 measurements are not what was expected", run.out());
        contains("1 proved, 1 failed, 0 not provable", run.out());
    }

    @Test
    void aChildThatCrashesIsAFailedClaimWithItsStatusAndLastWords() {
        Run run = broken(BrokenClaims.CRASH);
        assertEquals(1, run.status());
        contains("the child JVM ended with status 1: SIGSEGV", run.out());
    }

    @Test
    void aChildThatExitsIsAFailedClaimWithItsStatusAndLastWords() {
        Run run = broken(BrokenClaims.EXITS);
        assertEquals(1, run.status());
        contains("the child JVM ended with status 7: goodbye", run.out());
    }

    @Test
    void aProofThatBreaksOffFailsAlsoWhereAllWasAsExpectedUntilThen() {
        Run run = broken(BrokenClaims.EXCEPTION);
        assertEquals(1, run.status());
        contains("the proof broke off: java.lang.IllegalStateException: out of patience", run.out());
    }

    @Test
    void aClaimThatMeasuresNothingIsNotProved() {
        Run run = broken(BrokenClaims.NOTHING_MEASURED);
        assertEquals(1, run.status());
        contains("FAILED  nothing was measured", run.out());
    }

    @Test
    void whatTheMachineCannotProveIsNeverProvedAndHasAStatusOfItsOwn() {
        Run run = broken(BrokenClaims.TRUE, BrokenClaims.NOT_PROVABLE);
        assertEquals(3, run.status());
        contains("NOT PROVABLE  this machine has no window", run.out());
        contains("1 proved, 0 failed, 1 not provable", run.out());
    }

    @Test
    void aWrongMeasurementFailsAlsoWhereTheRestCannotBeProved() {
        Run run = broken(BrokenClaims.WRONG_AND_NOT_PROVABLE);
        assertEquals(1, run.status());
        contains("0 proved, 1 failed, 0 not provable", run.out());
    }

    @Test
    void aChildThatHangsIsEndedAndHasFailed() throws InterruptedException {
        Claim hanging = new BrokenClaims().get().get(BrokenClaims.HANGS - 1);
        Verifier verifier = new Verifier(BrokenClaims.class, Duration.ofSeconds(2));
        ClaimReport report = verifier.run(List.of(hanging), each -> {}).getFirst();
        assertEquals(Verdict.FAILED, report.verdict());
        assertEquals("the child JVM was ended after 2 seconds", report.reason());
    }

    @Test
    void anUnknownClaimIsASentenceAndStatus2() {
        Run run = Run.of(new VerifyCommand(), "21");
        assertEquals(2, run.status());
        contains("there is no claim 21; --list shows them", run.err());
    }
}
