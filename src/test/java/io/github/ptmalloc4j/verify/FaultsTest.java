package io.github.ptmalloc4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

class FaultsTest {
    private static final int ROUNDS = 50;
    private static final int PAGES = 64;

    /** The JVM's own faults can only add to a round. */
    private static long fewestOfSomeRounds(LongSupplier faults, boolean touchedBefore) {
        long fewest = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            try (Mapped pages = Mapped.pages(PAGES)) {
                pages.write(0, touchedBefore ? PAGES : 0);
                long before = faults.getAsLong();
                pages.write(0, PAGES);
                fewest = Math.min(fewest, faults.getAsLong() - before);
            }
        }
        return fewest;
    }

    @Test
    void getrusageCountsOneFaultForEachPageTouched() {
        assertEquals(PAGES, fewestOfSomeRounds(Faults::minor, false));
    }

    @Test
    void pagesThatAreThereCostNoFault() {
        assertEquals(0, fewestOfSomeRounds(Faults::minor, true));
    }

    @Test
    void theThreadsStatCountsAsGetrusageDoes() {
        // Reading the file takes Java heap, whose fresh pages fault too: once in a while, not in every round.
        assertEquals(PAGES, fewestOfSomeRounds(Faults::minorFromStat, false));
    }

    @Test
    void bothAreTheSameCounter() {
        long before = Faults.minor();
        long stat = Faults.minorFromStat();
        long after = Faults.minor();
        assertTrue(before <= stat && stat <= after, before + " <= " + stat + " <= " + after);
    }

    @Test
    void anotherThreadsFaultsDoNotCount() throws InterruptedException {
        long fewest = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            try (Mapped pages = Mapped.pages(PAGES)) {
                long before = Faults.minor();
                Thread other = new Thread(() -> pages.write(0, PAGES));
                other.start();
                other.join();
                fewest = Math.min(fewest, Faults.minor() - before);
            }
        }
        assertTrue(fewest < PAGES, "faults of the thread that only waited: " + fewest);
    }
}
