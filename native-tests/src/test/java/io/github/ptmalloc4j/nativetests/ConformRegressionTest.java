package io.github.ptmalloc4j.nativetests;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.ptmalloc4j.lab.conform.BreakKind;
import io.github.ptmalloc4j.lab.conform.Comparison;
import io.github.ptmalloc4j.lab.conform.Difference;
import io.github.ptmalloc4j.lab.conform.Operations;
import io.github.ptmalloc4j.lab.conform.Oracle;
import io.github.ptmalloc4j.lab.conform.OracleProgram;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Sequences that once gave something else than glibc, shrunk, each named after the rule that was wrong. */
class ConformRegressionTest {
    private static Path oracle;

    @BeforeAll
    static void theLibraryIsTheOneThatIsReproduced() throws IOException {
        oracle = OracleProgram.find();
        try (Oracle asked = new Oracle(oracle, "")) {
            assumeTrue(asked.version().equals(Oracle.VERSION), "the C library here is glibc " + asked.version());
        }
    }

    @Test
    void callocOfMoreThanPtrdiffMaxFailsBeforeTheHeapIsInitialised() {
        requireEqual("", "c 0 1 9223372036854775808");
        requireEqual("", "c 0 4294967296 4294967296");
    }

    private static void requireEqual(String tunables, String... lines) {
        for (BreakKind breakKind : BreakKind.values()) {
            Difference difference = Comparison.of(oracle, tunables, breakKind)
                    .withStatisticsEvery(1)
                    .run(Operations.of(lines));
            assertNull(difference, () -> difference.report());
        }
    }
}
