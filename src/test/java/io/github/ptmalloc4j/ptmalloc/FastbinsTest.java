package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.ptmalloc.HeapChunk.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FastbinsTest extends HeapTest {
    private static final int M_MXFAST = 1;

    @ParameterizedTest
    @CsvSource({
        // mxfast, the largest request that goes to a fast bin (-1: none)
        "0, -1",
        "7, -1",
        "8, -1",
        "23, -1",
        "24, 24",
        "31, 24",
        "32, 24",
        "39, 24",
        "40, 40",
        "127, 120",
        "128, 120",
        "135, 120",
        "136, 136",
        "160, 152"
    })
    void theLimitIsRoundedDownToAChunkSize(int mxfast, long largest) {
        Malloc heap = open(NO_TCACHE.toBuilder().mxfast(mxfast).build());
        for (long bytes = 24; bytes <= 200; bytes += 16) {
            long mem = apart(heap, 1, bytes)[0];
            heap.free(mem);
            State expected = bytes <= largest ? State.FAST : State.UNSORTED;
            assertEquals(expected, stateOf(heap, mem), "request of " + bytes + " bytes");
            assertEquals(mem, heap.malloc(bytes));
        }
    }

    @Test
    void aRequestOf120BytesIsFastAndOneOf121IsNot() {
        Malloc heap = open(NO_TCACHE);
        long fast = apart(heap, 1, 120)[0];
        long slow = apart(heap, 1, 121)[0];
        freeAll(heap, fast, slow);
        assertEquals(State.FAST, stateOf(heap, fast));
        assertEquals(6, chunkOf(heap, fast).bin());
        assertEquals(State.UNSORTED, stateOf(heap, slow));
    }

    @Test
    void malloptSetsTheLimit() {
        Malloc heap = open(NO_TCACHE);
        assertTrue(heap.mallopt(M_MXFAST, 0));
        long mem = apart(heap, 1, 24)[0];
        heap.free(mem);
        assertEquals(State.UNSORTED, stateOf(heap, mem));
        assertEquals(0, heap.mallinfo2().smblks());
    }

    @ParameterizedTest
    @ValueSource(ints = {161, 1000, -1, Integer.MIN_VALUE})
    void malloptRefusesALimitAbove160(int value) {
        assertFalse(open().mallopt(M_MXFAST, value));
    }

    @Test
    void theNewestIsHandedOutFirst() {
        Malloc heap = open(NO_TCACHE);
        long[] mem = several(heap, 3, 24);
        freeAll(heap, mem);
        assertArrayEquals(new long[] {mem[2], mem[1], mem[0]}, several(heap, 3, 24));
    }

    @Test
    void linksAreMixedWithTheirPageNumber() {
        Malloc heap = open(NO_TCACHE);
        long[] mem = several(heap, 2, 24);
        freeAll(heap, mem);
        assertEquals(mem[0] >>> 12, Memory.getLong(mem[0]));
        assertEquals(mem[1] >>> 12 ^ mem[0] - 16, Memory.getLong(mem[1]));
    }

    @Test
    void fastChunksLookInUseAndAreNotMergedWith() {
        Malloc heap = open(NO_TCACHE);
        long fast = heap.malloc(24);
        long slow = heap.malloc(200);
        some(heap.malloc(24));
        freeAll(heap, fast, slow);
        assertEquals(208, chunkOf(heap, slow).size());
        assertEquals(State.FAST, stateOf(heap, fast));
    }

    @Test
    void fastChunksCountAsFree() {
        Malloc heap = open(NO_TCACHE);
        long[] mem = several(heap, 3, 24);
        long used = heap.mallinfo2().uordblks();
        freeAll(heap, mem);
        Mallinfo2 info = heap.mallinfo2();
        assertEquals(3, info.smblks());
        assertEquals(96, info.fsmblks());
        assertEquals(used - 96, info.uordblks());
    }
}
