package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.ptmalloc4j.ptmalloc.HeapChunk.State;
import org.junit.jupiter.api.Test;

class ConsolidationTest extends HeapTest {
    private static final int M_PERTURB = -6;

    /** Two adjacent fast chunks between blocks in use. */
    private static long twoFast(Malloc heap) {
        some(heap.malloc(24));
        long[] mem = several(heap, 2, 24);
        some(heap.malloc(24));
        freeAll(heap, mem);
        assertEquals(2, count(heap, State.FAST));
        return mem[0];
    }

    @Test
    void aLargeRequestMergesFastBins() {
        Malloc heap = open(NO_TCACHE);
        long mem = twoFast(heap);
        some(heap.malloc(1024));
        assertEquals(State.SMALL, stateOf(heap, mem));
        assertEquals(64, chunkOf(heap, mem).size());
    }

    @Test
    void aRequestJustBelowLargeDoesNotMergeFastBins() {
        Malloc heap = open(NO_TCACHE);
        twoFast(heap);
        some(heap.malloc(1000));
        assertEquals(2, count(heap, State.FAST));
    }

    @Test
    void freeingAMergedChunkOf64KibMergesFastBins() {
        Malloc heap = open(NO_TCACHE);
        long large = heap.malloc(65536 - 8);
        long mem = twoFast(heap);
        heap.free(large);
        assertEquals(State.UNSORTED, stateOf(heap, mem));
        assertEquals(0, count(heap, State.FAST));
    }

    @Test
    void freeingLessThan64KibDoesNotMergeFastBins() {
        Malloc heap = open(NO_TCACHE);
        long large = heap.malloc(65536 - 24);
        twoFast(heap);
        heap.free(large);
        assertEquals(2, count(heap, State.FAST));
    }

    @Test
    void theSizeAfterMergingCounts() {
        Malloc heap = open(NO_TCACHE);
        long[] halves = several(heap, 2, 40_000);
        long mem = twoFast(heap);
        heap.free(halves[0]);
        assertEquals(2, count(heap, State.FAST));
        heap.free(halves[1]);
        assertEquals(0, count(heap, State.FAST));
        assertEquals(State.UNSORTED, stateOf(heap, mem));
    }

    @Test
    void aSmallRequestThatTopCannotServeMergesFastBinsBeforeItAsksTheSystem() {
        Malloc heap = open(NO_TCACHE.toBuilder().topPad(0).build());
        long[] fast = several(heap, 40, 24);
        some(heap.malloc(24));
        leaveInTop(heap, 500);
        freeAll(heap, fast);
        long breakBefore = heap.breakNow();
        assertEquals(fast[0], heap.malloc(900));
        assertEquals(breakBefore, heap.breakNow());
    }

    private static void leaveInTop(Malloc heap, long most) {
        while (heap.mallinfo2().keepcost() > most) {
            some(heap.malloc(152));
        }
    }

    @Test
    void mallocTrimMergesFastBins() {
        Malloc heap = open(NO_TCACHE);
        long mem = twoFast(heap);
        heap.mallocTrim(0);
        assertEquals(State.UNSORTED, stateOf(heap, mem));
    }

    @Test
    void malloptMergesFastBins() {
        Malloc heap = open(NO_TCACHE);
        long mem = twoFast(heap);
        heap.mallopt(M_PERTURB, 0);
        assertEquals(State.UNSORTED, stateOf(heap, mem));
    }

    @Test
    void fastChunksBesideTopBecomePartOfIt() {
        Malloc heap = open(NO_TCACHE);
        long[] mem = several(heap, 3, 24);
        freeAll(heap, mem);
        heap.mallocTrim(MIB);
        assertEquals(mem[0], top(heap).mem());
    }

    @Test
    void freedNeighboursAreOneChunk() {
        Malloc heap = open(NO_TCACHE);
        long[] mem = several(heap, 3, 200);
        some(heap.malloc(24));
        freeAll(heap, mem[0], mem[2]);
        assertEquals(2, count(heap, State.UNSORTED));
        heap.free(mem[1]);
        assertEquals(1, count(heap, State.UNSORTED));
        assertEquals(3 * 208, chunkOf(heap, mem[0]).size());
    }

    @Test
    void aFreedNeighbourOfTopBecomesPartOfIt() {
        Malloc heap = open(NO_TCACHE);
        long[] mem = several(heap, 2, 200);
        heap.free(mem[0]);
        heap.free(mem[1]);
        assertEquals(mem[0], top(heap).mem());
    }
}
