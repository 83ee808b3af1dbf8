package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SealedMallocTest {
    private static final long SEAL = 8;

    @Test
    void aSizeHasTheStackOfTheChunkThatHoldsItsRoomAndASeal() {
        for (long bytes = 1; bytes <= 2000; bytes++) {
            long chunkSize = RequestSize.toChunkSize(TailedBlocks.room(bytes) + SEAL);
            assertEquals(Tcache.index(chunkSize), SealedMalloc.index(bytes), bytes + " bytes");
        }
    }

    @ParameterizedTest
    @ValueSource(
            longs = {0, -1, -16, Long.MIN_VALUE, Long.MIN_VALUE + 1, 1025, 1L << 40, Long.MAX_VALUE - 6, Long.MAX_VALUE
            })
    void sizesThatTheFastPathDoesNotKnowHaveNone(long bytes) {
        assertTrue(SealedMalloc.index(bytes) >= Tcache.MAX_BINS);
    }
}
