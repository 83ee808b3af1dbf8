package io.github.ptmalloc4j.nativetests;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.github.ptmalloc4j.lab.conform.BreakKind;
import io.github.ptmalloc4j.lab.conform.Comparison;
import io.github.ptmalloc4j.lab.conform.Conformance;
import io.github.ptmalloc4j.lab.conform.Operations;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Threads that take turns. */
class ThreadedConformTest extends WithOracle {
    private static final long OPERATIONS = 40_000;

    /** Large blocks come from heaps too. */
    private static final String NO_MMAP = "glibc.malloc.mmap_threshold=1073741824";

    private static final long HEAP = 64 << 20;
    /** What the first heap of an arena holds in front of the first block: heap_info, malloc_state and the tcache's table. */
    private static final long BEFORE_FIRST = 0x8d0 + 0x290;

    @ParameterizedTest
    @ValueSource(ints = {2, 4, 16})
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void threadsThatTakeTurnsGetWhatGlibcGivesThem(int threads) {
        requireRandomEqual(OPERATIONS, Conformance.threadedTunables(), threads);
    }

    @Test
    void arenasOfThreadsThatEndedAreTakenLastOneFirst() {
        requireEqual(
                "", "T 1", "a 1 24", "T 2", "a 2 24", "T 3", "a 3 24", "T 1", "X", "T 3", "X", "T 2", "X", "T 4",
                "a 4 24", "T 5", "a 5 24", "T 6", "a 6 24", "T 7", "a 7 24", "f 1", "f 2", "f 3", "a 8 24");
    }

    @Test
    void whenThereAreEnoughArenasTheyAreSharedInTurn() {
        requireEqual(
                "glibc.malloc.arena_max=3",
                "T 1",
                "a 1 24",
                "T 2",
                "a 2 24",
                "T 3",
                "a 3 24",
                "T 4",
                "a 4 24",
                "T 5",
                "a 5 24",
                "T 6",
                "a 6 24",
                "X",
                "T 7",
                "a 7 24",
                "T 2",
                "X",
                "T 8",
                "a 8 24",
                "T 9",
                "a 9 24");
    }

    @Test
    void anotherHeapFollowsOneThatIsFullAndGoesWhenItIsEmpty() {
        for (long bytes = HEAP - BEFORE_FIRST - 80; bytes <= HEAP - BEFORE_FIRST; bytes += 8) {
            String[] lines = {"T 1", "a 0 0", "f 0", "a 1 " + bytes, "a 2 2000", "a 3 200000", "f 2", "f 3", "f 1"};
            requireEqual(NO_MMAP, lines);
            requireEqual(NO_MMAP + ":glibc.malloc.tcache_count=0", lines);
        }
    }

    @Test
    void theHeapBeforeIsTopAgainIfThatLeavesEnough() {
        // So much of the first heap stays behind the first block; the second block needs another heap. With a pad, what
        // would be top again must have room for it.
        for (String pad : List.of("0", "8192")) {
            String tunables = NO_MMAP + ":glibc.malloc.trim_threshold=1073741824:glibc.malloc.top_pad=" + pad;
            for (long rest = 4096 - 80; rest <= 4 * 4096; rest += rest % 4096 == 80 ? 4096 - 160 : 16) {
                String first = "a 0 " + (HEAP - BEFORE_FIRST - rest);
                requireEqual(tunables, "T 1", first, "a 1 100000", "f 1", "a 2 3000", "a 3 100000");
            }
        }
    }

    @Test
    void blocksLargerThanAHeapComeFromElsewhere() {
        requireEqual(NO_MMAP, "T 1", "a 1 70000000", "a 2 24", "T 2", "a 3 67000000", "a 4 67000000", "r 4 70000000");
    }

    @Test
    void withoutMemoryAnotherArenaIsTried() {
        requireEqual(
                "", "a 0 24", "a 1 70368744177664", "a 2 24", "T 1", "a 3 70368744177664", "a 4 24", "T 0", "a 5 99");
        requireEqual("", "T 1", "z 1", "a 1 24", "a 2 24", "a 3 300000", "z 0", "a 4 24", "T 2", "a 5 24", "X");
        requireEqual(
                "", "T 1", "a 0 24", "z 1", "T 2", "c 1 3 8", "r 0 500000", "a 3 300000", "z 0", "r 0 500000", "X");
    }

    @Test
    void aThreadComesToAnotherArenaByAnAlignmentThatNoneCanGive() {
        for (String alignment : List.of("4611686018427387904", "9223372036854775808", "9223372036854775809", "64")) {
            requireEqual("", "T 1", "T 0", "m 0 %s 9223372036854775808".formatted(alignment), "a 1 3000");
            requireEqual("", "T 1", "m 0 %s 10".formatted(alignment), "a 1 3000", "T 0", "v 2 -1", "a 3 3000");
        }
    }

    @Test
    void ofUnlikeNumbersOfArenasIsTold() {
        Comparison unlike = new Comparison(
                oracle, "glibc.malloc.arena_max=2", "glibc.malloc.arena_max=3", BreakKind.PRIVATE, 1000, false);
        String[] lines = {"T 1", "a 1 24", "T 2", "a 2 24"};
        assertNotNull(unlike.run(Operations.of(lines)), "a thread in the main arena looks like one in its own");
    }
}
