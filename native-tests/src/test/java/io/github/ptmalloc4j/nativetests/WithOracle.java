package io.github.ptmalloc4j.nativetests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.ptmalloc4j.lab.conform.BreakKind;
import io.github.ptmalloc4j.lab.conform.Comparison;
import io.github.ptmalloc4j.lab.conform.Conformance;
import io.github.ptmalloc4j.lab.conform.Difference;
import io.github.ptmalloc4j.lab.conform.Operations;
import io.github.ptmalloc4j.lab.conform.Oracle;
import io.github.ptmalloc4j.lab.conform.OracleProgram;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;

/** Tests against the C library's own malloc; skipped where that is another version than the engine's. */
abstract class WithOracle {
    /** Another seed each time, so that every build looks somewhere else; {@code -Dptmalloc4j.seed} repeats one. */
    static final long SEED = Long.getLong("ptmalloc4j.seed", System.nanoTime() & 0xffff_ffffL);

    /** How to say it again. */
    static final String REPEAT = "-Dptmalloc4j.seed=" + SEED;

    static Path oracle;

    @BeforeAll
    static void theLibraryIsTheOneThatIsReproduced() throws IOException {
        oracle = OracleProgram.find();
        try (Oracle asked = new Oracle(oracle, "")) {
            assumeTrue(
                    asked.version().equals(Oracle.VERSION),
                    "nothing is compared: the C library here is glibc " + asked.version() + ", the engine is "
                            + Oracle.VERSION);
        }
    }

    /** Random sequences, at least so many operations, by threads that take turns, on both kinds of heap. */
    static void requireRandomEqual(long operations, List<String> tunables, int threads) {
        System.out.println("conform --threads " + threads + ": " + REPEAT);
        StringBuilder report = new StringBuilder(REPEAT + "\n");
        Conformance conformance = new Conformance(
                oracle,
                Path.of("target", "differences"),
                List.of(BreakKind.values()),
                false,
                text -> report.append(text).append('\n'),
                more -> {});
        conformance.random(operations, SEED, tunables, threads);
        assertEquals(0, conformance.differences(), report::toString);
        assertTrue(conformance.operations() >= operations, conformance.operations() + " operations");
    }

    /** The same operations on both, on a private heap, with statistics compared after each. */
    static void requireEqual(String tunables, String... lines) {
        requireEqual(BreakKind.PRIVATE, tunables, lines);
    }

    static void requireEqual(BreakKind kind, String tunables, String... lines) {
        Difference difference =
                Comparison.of(oracle, tunables, kind).withStatisticsEvery(1).run(Operations.of(lines));
        assertNull(difference, () -> "%s, %s, %s%n%s"
                .formatted(tunables, kind, String.join(", ", lines), difference.report()));
    }
}
