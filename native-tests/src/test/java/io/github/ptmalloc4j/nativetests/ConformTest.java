package io.github.ptmalloc4j.nativetests;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.lab.conform.BreakKind;
import io.github.ptmalloc4j.lab.conform.Comparison;
import io.github.ptmalloc4j.lab.conform.Conformance;
import io.github.ptmalloc4j.lab.conform.Difference;
import io.github.ptmalloc4j.lab.conform.Generator;
import io.github.ptmalloc4j.lab.conform.Operations;
import io.github.ptmalloc4j.lab.conform.Shrinker;
import io.github.ptmalloc4j.lab.conform.Temperament;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One thread's calls, and that a difference is found where there is one. */
class ConformTest extends WithOracle {
    private static final long OPERATIONS = 2_500_000;

    @Test
    @Timeout(value = 110, unit = TimeUnit.SECONDS)
    void everyTemperamentUnderEveryTunableGivesWhatGlibcGives() {
        requireRandomEqual(OPERATIONS, Conformance.allTunables(), 1);
    }

    @Test
    void aListLongerThanOneRequestSortsIsSortedInTurns() {
        for (String tunables : List.of("", "glibc.malloc.tcache_count=0")) {
            Difference difference = Comparison.of(oracle, tunables, BreakKind.PRIVATE)
                    .run(Generator.generate(SEED, Temperament.HOARD, 120_000));
            assertNull(difference, () -> REPEAT + ", " + tunables + "\n" + difference.report());
        }
    }

    @Test
    void requestsThatJustFitIntoTopAreCutFromIt() {
        // What is left of the first 132 KiB when the tcache has its table.
        long top = 0x21000 - 0x290;
        for (long bytes = top - 80; bytes <= top + 16; bytes += 8) {
            requireEqual("", "a 0 " + bytes, "a 1 24");
            requireEqual("", "a 0 24", "r 0 " + bytes, "a 1 24");
            requireEqual("glibc.malloc.mmap_max=0", "a 0 " + bytes, "a 1 24");
        }
    }

    @Test
    void topIsTrimmedFromExactlyTheThresholdOn() {
        // With no pad the break stops at the page behind the block: 73728, of which the tcache's table takes 656.
        for (long threshold = 73728 - 656 - 48; threshold <= 73728 - 656 + 48; threshold += 8) {
            String tunables = "glibc.malloc.top_pad=0:glibc.malloc.trim_threshold=" + threshold;
            requireEqual(tunables, "a 0 70000", "f 0");
        }
    }

    @Test
    void unlikeTunablesAreFoundAndShrunkToAFewOperations() {
        Comparison unlike = new Comparison(
                oracle, "glibc.malloc.tcache_count=2", "glibc.malloc.tcache_count=3", BreakKind.PRIVATE, 1000, false);
        Operations operations = Generator.generate(1, Temperament.MIXED, 5000);
        Difference difference = unlike.run(operations);
        assertNotNull(difference, "a cache of two and one of three look alike");
        Shrinker.Result shrunk = Shrinker.shrink(unlike, operations, difference);
        // Three chunks of a size, three frees: the third shows.
        assertTrue(shrunk.operations().size() <= 8, () -> shrunk.operations().size() + " operations are left");
        assertNotNull(unlike.run(shrunk.operations()), "the shrunk sequence must differ too");
        assertNull(
                Comparison.of(oracle, "glibc.malloc.tcache_count=3", BreakKind.PRIVATE)
                        .run(shrunk.operations()),
                "and only because of the settings");
    }

    @Test
    void statisticsAloneAreEnoughToDiffer() {
        // A chunk freed to the unsorted bin or to a fast bin looks the same from outside until it is used again.
        Comparison unlike = new Comparison(
                oracle,
                "glibc.malloc.tcache_count=0:glibc.malloc.mxfast=0",
                "glibc.malloc.tcache_count=0:glibc.malloc.mxfast=64",
                BreakKind.PRIVATE,
                1000,
                false);
        Difference difference = unlike.run(Operations.of("a 0 24", "a 1 24", "f 0"));
        assertNotNull(difference);
        assertTrue(difference.report().contains("smblks"), difference::report);
    }
}
