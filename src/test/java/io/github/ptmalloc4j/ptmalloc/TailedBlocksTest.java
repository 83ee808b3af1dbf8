package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** That sealed and linked blocks find by a shift or two the stack of the tcache that has chunks for them. */
class TailedBlocksTest {
    private static final long SEAL = 8;
    private static final long LINK = 16;

    @Test
    void aSizeHasTheStackOfTheChunkThatHoldsItsRoomAndASeal() {
        assertIndexed(1, 1024, SEAL, SealedMalloc::index);
    }

    @Test
    void aSizeHasTheStackOfTheChunkThatHoldsItsRoomAndALink() {
        assertIndexed(0, 100_000, LINK, LinkedMalloc::index);
    }

    private static void assertIndexed(long from, long to, long tail, LongUnaryOperator index) {
        for (long bytes = from; bytes <= to; bytes++) {
            long chunkSize = RequestSize.toChunkSize(TailedBlocks.room(bytes) + tail);
            assertEquals(TcacheBins.index(chunkSize), index.applyAsLong(bytes), bytes + " bytes");
        }
    }

    @ParameterizedTest
    @ValueSource(
            longs = {0, -1, -16, Long.MIN_VALUE, Long.MIN_VALUE + 1, 1025, 1L << 40, Long.MAX_VALUE - 6, Long.MAX_VALUE
            })
    void sizesThatASealedBlockIsNotLookedUpForHaveNone(long bytes) {
        assertTrue(SealedMalloc.index(bytes) >= TcacheBins.SMALL_BINS);
    }

    @Test
    void whatIsTooLargeForALinkedBlockHasNone() {
        for (long bytes = 1L << 62; bytes > 0; bytes = 2 * bytes) {
            assertTrue(LinkedMalloc.index(bytes) >= TcacheBinsTest.MOST);
        }
        assertTrue(LinkedMalloc.index(Long.MAX_VALUE) >= TcacheBinsTest.MOST);
        assertTrue(LinkedMalloc.index(Long.MAX_VALUE - 7) >= TcacheBinsTest.MOST);
    }
}
