package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TcacheBinsTest {
    /** Stacks for requests of up to 4 MiB. */
    static final int MOST = 161;

    @ParameterizedTest
    @CsvSource({
        "32, 0",
        "48, 1",
        "64, 2",
        "1024, 62",
        "1040, 63",
        "1056, 64",
        "1184, 65",
        "1952, 71",
        "2080, 72",
        "3872, 79",
        "4128, 80",
        "65568, 112",
        "4194336, 160"
    })
    void eachStackHasChunksOfOneSize(long size, long index) {
        assertEquals(index, TcacheBins.index(size));
        assertEquals(index, TcacheBins.exactIndex(size));
        assertEquals(size, TcacheBins.chunkSize(index));
    }

    @Test
    void theyAreInOrderOfSize() {
        for (long index = 1; index < MOST; index++) {
            assertTrue(TcacheBins.chunkSize(index - 1) < TcacheBins.chunkSize(index), "stack " + index);
        }
    }

    @Test
    void aRequestGoesToTheFirstThatIsLargeEnough() {
        for (long index = 1; index < MOST; index++) {
            long less = TcacheBins.chunkSize(index - 1);
            long size = TcacheBins.chunkSize(index);
            for (long needed = less + 16; needed <= size; needed += 16) {
                assertEquals(index, TcacheBins.index(needed), needed + " bytes");
            }
        }
    }

    @Test
    void aChunkOfASizeBetweenGoesToNone() {
        for (long index = 1; index < MOST; index++) {
            long size = TcacheBins.chunkSize(index);
            for (long between = TcacheBins.chunkSize(index - 1) + 16; between < size; between += 16) {
                assertEquals(TcacheBins.NONE, TcacheBins.exactIndex(between), between + " bytes");
            }
        }
    }

    @Test
    void roundingUpAddsAnEighthAtMost() {
        for (long index = TcacheBins.SMALL_BINS + 1; index < MOST; index++) {
            long smallest = TcacheBins.chunkSize(index - 1) + 16;
            assertTrue(TcacheBins.chunkSize(index) - smallest < smallest / 8, "stack " + index);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {RequestSize.TOO_LARGE, RequestSize.BEYOND_MEMORY, 1L << 40, Long.MAX_VALUE - 15})
    void noTcacheHasAStackForWhatIsTooLarge(long size) {
        assertTrue(TcacheBins.index(size) >= MOST);
        assertTrue(TcacheBins.exactIndex(size) >= MOST);
    }
}
