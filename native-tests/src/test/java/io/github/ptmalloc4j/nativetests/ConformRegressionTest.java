package io.github.ptmalloc4j.nativetests;

import io.github.ptmalloc4j.lab.conform.BreakKind;
import org.junit.jupiter.api.Test;

/** Sequences that once gave something else than glibc, shrunk, each named after the rule that was wrong. */
class ConformRegressionTest extends WithOracle {
    @Test
    void callocOfMoreThanPtrdiffMaxFailsBeforeTheHeapIsInitialised() {
        requireEqualOnBoth("c 0 1 9223372036854775808");
        requireEqualOnBoth("c 0 4294967296 4294967296");
    }

    private static void requireEqualOnBoth(String line) {
        for (BreakKind kind : BreakKind.values()) {
            requireEqual(kind, "", line);
        }
    }
}
