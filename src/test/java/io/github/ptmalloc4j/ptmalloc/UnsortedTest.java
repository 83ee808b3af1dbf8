package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.ptmalloc4j.ptmalloc.HeapChunk.State;
import org.junit.jupiter.api.Test;

class UnsortedTest extends HeapTest {
    @Test
    void exactFitsFillTheTcacheFirstAndTheNewestOfThemIsHandedOut() {
        Malloc heap = open();
        long[] fillers = apart(heap, 7, 200);
        long[] mem = apart(heap, 3, 200);
        freeAll(heap, fillers);
        freeAll(heap, mem);
        several(heap, 7, 200);
        assertEquals(mem[2], heap.malloc(200));
        assertEquals(2, count(heap, State.TCACHE));
        assertArrayEquals(new long[] {mem[1], mem[0]}, several(heap, 2, 200));
    }

    @Test
    void theExactFitThatFindsTheTcacheFullIsHandedOut() {
        Malloc heap = open();
        long[] fillers = apart(heap, 7, 200);
        long[] mem = apart(heap, 9, 200);
        freeAll(heap, fillers);
        freeAll(heap, mem);
        several(heap, 7, 200);
        assertEquals(mem[7], heap.malloc(200));
        assertEquals(7, count(heap, State.TCACHE));
        assertEquals(State.UNSORTED, stateOf(heap, mem[8]));
    }

    @Test
    void theUnsortedLimitEndsTheSearchOnceSomethingIsCached() {
        assertArrayEquals(new State[] {State.IN_USE, State.UNSORTED}, statesAfterSearch(1));
    }

    @Test
    void withoutTheUnsortedLimitEverythingIsSearched() {
        assertArrayEquals(new State[] {State.TCACHE, State.IN_USE}, statesAfterSearch(0));
    }

    /** Frees fit, other, fit, other, fit, and asks for a fit: what became of the last two fits. */
    private State[] statesAfterSearch(int limit) {
        Malloc heap = open(Tunables.builder().tcacheUnsortedLimit(limit).build());
        long[] fillers = apart(heap, 7, 1032);
        long[] fits = apart(heap, 3, 1032);
        long[] others = apart(heap, 2, 1100);
        freeAll(heap, fillers);
        freeAll(heap, fits[0], others[0], fits[1], others[1], fits[2]);
        several(heap, 7, 1032);
        some(heap.malloc(1032));
        return new State[] {stateOf(heap, fits[1]), stateOf(heap, fits[2])};
    }

    @Test
    void oneRequestFilesNoMoreThan10000Chunks() {
        Malloc heap = open(NO_TCACHE);
        freeAll(heap, apart(heap, 10_050, 136));
        sortBins(heap);
        assertEquals(50, count(heap, State.UNSORTED));
        assertEquals(10_000, count(heap, State.SMALL));
    }

    @Test
    void smallRequestsAreCutFromTheSameChunkSideBySide() {
        Malloc heap = open(NO_TCACHE);
        long mem = apart(heap, 1, 5000)[0];
        heap.free(mem);
        sortBins(heap);
        assertEquals(mem, heap.malloc(100));
        assertEquals(mem + 112, heap.malloc(100));
        assertEquals(mem + 224, heap.malloc(200));
        assertEquals(State.UNSORTED, stateOf(heap, mem + 432));
    }

    @Test
    void theLastRemainderIsFiledIfSomethingElseIsUnsortedToo() {
        Malloc heap = open(NO_TCACHE);
        long mem = apart(heap, 1, 5000)[0];
        long other = apart(heap, 1, 2000)[0];
        heap.free(mem);
        sortBins(heap);
        assertEquals(mem, heap.malloc(100));
        heap.free(other);
        // Both are filed now; the smallest chunk that fits is the other one.
        assertEquals(other, heap.malloc(100));
        assertEquals(State.LARGE, stateOf(heap, mem + 112));
    }

    @Test
    void aLastRemainderIsSplitInPlaceIfMoreThan32BytesStay() {
        Malloc heap = open(NO_TCACHE);
        long better = apart(heap, 1, 984)[0];
        long mem = apart(heap, 1, 1008 + 1024 - 8)[0];
        freeAll(heap, better, mem);
        sortBins(heap);
        assertEquals(mem, heap.malloc(1000));
        assertEquals(mem + 1008, heap.malloc(968));
        assertEquals(State.SMALL, stateOf(heap, better));
    }

    @Test
    void aLastRemainderThatWouldLeaveOnly32BytesIsFiledAndTheBestFitTaken() {
        Malloc heap = open(NO_TCACHE);
        long better = apart(heap, 1, 984)[0];
        long mem = apart(heap, 1, 1008 + 1008 - 8)[0];
        freeAll(heap, better, mem);
        sortBins(heap);
        assertEquals(mem, heap.malloc(1000));
        assertEquals(better, heap.malloc(968));
        assertEquals(State.SMALL, stateOf(heap, mem + 1008));
    }

    @Test
    void aLargeRequestDoesNotMakeALastRemainder() {
        Malloc heap = open(NO_TCACHE);
        long mem = apart(heap, 1, 9000)[0];
        long better = apart(heap, 1, 2000)[0];
        freeAll(heap, mem, better);
        sortBins(heap);
        // The rest of the large request is the only unsorted chunk, but it is filed, and the better fit is taken.
        assertEquals(mem, heap.malloc(3000));
        assertEquals(State.UNSORTED, stateOf(heap, mem + 3008));
        assertEquals(better, heap.malloc(100));
        assertEquals(State.LARGE, stateOf(heap, mem + 3008));
    }
}
