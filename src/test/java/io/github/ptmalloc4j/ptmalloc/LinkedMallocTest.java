package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LinkedMallocTest {
    private static final long LINK = 16;

    @Test
    void aSizeHasTheStackOfTheChunkThatHoldsItsRoomAndALink() {
        for (long bytes = 0; bytes <= 2000; bytes++) {
            long chunkSize = RequestSize.toChunkSize(TailedBlocks.room(bytes) + LINK);
            assertEquals(Tcache.index(chunkSize), LinkedMalloc.index(bytes), bytes + " bytes");
        }
    }

    @Test
    void whatIsTooLargeHasNone() {
        for (long bytes = 1L << 62; bytes > 0; bytes = 2 * bytes) {
            assertTrue(LinkedMalloc.index(bytes) >= Tcache.MAX_BINS);
        }
        assertTrue(LinkedMalloc.index(Long.MAX_VALUE) >= Tcache.MAX_BINS);
        assertTrue(LinkedMalloc.index(Long.MAX_VALUE - 7) >= Tcache.MAX_BINS);
    }
}
