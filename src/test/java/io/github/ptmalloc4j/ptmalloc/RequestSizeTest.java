package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestSizeTest {
    @ParameterizedTest
    @CsvSource({
        "0, 32",
        "1, 32",
        "24, 32",
        "25, 48",
        "40, 48",
        "41, 64",
        "56, 64",
        "57, 80",
        "120, 128",
        "121, 144",
        "1000, 1008",
        "1001, 1024",
        "1032, 1040",
        "1033, 1056",
        "131048, 131056",
        "131049, 131072"
    })
    void aRequestGetsASizeWordAndIsRoundedUpTo16(long request, long chunk) {
        assertEquals(chunk, RequestSize.toChunkSize(request));
    }

    @Test
    void noChunkIsSmallerThan32AndEachHoldsItsRequest() {
        for (long request = 0; request <= 5000; request++) {
            long chunk = RequestSize.toChunkSize(request);
            assertEquals(Math.max(32, Math.ceilDiv(request + 8, 16) * 16), chunk, "request of " + request);
        }
    }

    @Test
    void requestsAbovePtrdiffMaxAreTooLarge() {
        assertEquals(RequestSize.TOO_LARGE, RequestSize.toChunkSize(Long.MIN_VALUE));
        assertEquals(RequestSize.TOO_LARGE, RequestSize.toChunkSize(-1));
        assertEquals(RequestSize.TOO_LARGE, RequestSize.toChunkSize(-4096));
    }

    @Test
    void ptrdiffMaxItselfIsASizeLikeAnyOther() {
        assertEquals(Long.MIN_VALUE + 16, RequestSize.toChunkSize(Long.MAX_VALUE));
        assertEquals(Long.MIN_VALUE, RequestSize.toChunkSize(Long.MAX_VALUE - 7));
        assertEquals(Long.MAX_VALUE - 15, RequestSize.toChunkSize(Long.MAX_VALUE - 23));
    }

    @Test
    void sizesBeyondAllMemoryAreCutDown() {
        assertEquals(RequestSize.BEYOND_MEMORY, RequestSize.bounded(Long.MIN_VALUE));
        assertEquals(RequestSize.BEYOND_MEMORY, RequestSize.bounded(Long.MAX_VALUE));
        assertEquals(1L << 40, RequestSize.bounded(1L << 40));
    }
}
