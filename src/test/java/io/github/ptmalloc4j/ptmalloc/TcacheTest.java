package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.ptmalloc.HeapChunk.State;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TcacheTest extends HeapTest {
    @Test
    void itsTableIsTheFirstChunkOfTheHeap() {
        Malloc heap = open();
        long first = heap.malloc(24);
        HeapChunk table = heap.walk().get(0);
        assertEquals(heap.breakStart(), table.address());
        assertEquals(0x290, table.size());
        assertEquals(State.IN_USE, table.state());
        assertEquals(heap.breakStart() + 0x290 + 16, first);
    }

    @Test
    void itsTableIsMadeEvenIfNothingIsCached() {
        Malloc heap = open(NO_TCACHE);
        assertEquals(heap.breakStart() + 0x290 + 16, heap.malloc(24));
    }

    @Test
    void itsTableIsNotMadeByMemalign() {
        Malloc heap = open();
        some(heap.memalign(64, 24));
        assertEquals(0, heap.walk().stream().filter(c -> c.size() == 0x290).count());
        some(heap.malloc(2000));
        assertEquals(1, heap.walk().stream().filter(c -> c.size() == 0x290).count());
    }

    @Test
    void nineFreedChunksComeBackFromTheTcacheNewestFirstAndThenFromTheFastBin() {
        Malloc heap = open();
        long[] mem = several(heap, 9, 24);
        freeAll(heap, mem);
        long[] expected = {mem[6], mem[5], mem[4], mem[3], mem[2], mem[1], mem[0], mem[8], mem[7]};
        assertArrayEquals(expected, several(heap, 9, 24));
    }

    @Test
    void itHoldsSevenChunksOfASize() {
        Malloc heap = open();
        freeAll(heap, apart(heap, 8, 1032));
        assertEquals(7, count(heap, State.TCACHE));
        assertEquals(1, count(heap, State.UNSORTED));
    }

    @Test
    void itHoldsAsManyChunksAsTheTunableSays() {
        Malloc heap = open(Tunables.builder().tcacheCount(3).build());
        freeAll(heap, several(heap, 5, 24));
        assertEquals(3, count(heap, State.TCACHE));
        assertEquals(2, count(heap, State.FAST));
    }

    @Test
    void itHoldsNothingIfTheTunableSaysSo() {
        Malloc heap = open(NO_TCACHE);
        freeAll(heap, several(heap, 3, 24));
        assertEquals(0, count(heap, State.TCACHE));
        assertEquals(3, count(heap, State.FAST));
    }

    @Test
    void itHoldsNoLargerChunksThanTheTunableSays() {
        Malloc heap = open(Tunables.builder().tcacheMax(100).build());
        long cached = heap.malloc(104);
        long notCached = heap.malloc(105);
        some(heap.malloc(24));
        freeAll(heap, cached, notCached);
        assertEquals(State.TCACHE, stateOf(heap, cached));
        assertEquals(State.FAST, stateOf(heap, notCached));
    }

    @Test
    void requestsUpTo1032BytesAreCachedAndLargerOnesAreNot() {
        Malloc heap = open();
        long cached = apart(heap, 1, 1032)[0];
        long notCached = apart(heap, 1, 1033)[0];
        freeAll(heap, cached, notCached);
        assertEquals(State.TCACHE, stateOf(heap, cached));
        assertEquals(63, chunkOf(heap, cached).bin());
        assertEquals(State.UNSORTED, stateOf(heap, notCached));
    }

    @Test
    void itsCountsAndHeadsLieInItsTable() {
        Malloc heap = open();
        long table = heap.breakStart() + 16;
        long[] mem = several(heap, 2, 40);
        freeAll(heap, mem);
        assertEquals(mem[1] << 16 | 2, Memory.getLong(table + 128 + 8));
        assertEquals(mem[1], heap.malloc(40));
        assertEquals(mem[0] << 16 | 1, Memory.getLong(table + 128 + 8));
        assertEquals(mem[0], heap.malloc(40));
        assertEquals(0, Memory.getLong(table + 128 + 8));
    }

    @Test
    void itsLinksAreMixedWithTheirPageNumber() {
        Malloc heap = open();
        long[] mem = several(heap, 2, 24);
        freeAll(heap, mem);
        assertEquals(mem[0] >>> 12, Memory.getLong(mem[0]));
        assertEquals(mem[1] >>> 12 ^ mem[0], Memory.getLong(mem[1]));
    }

    @Test
    void theKeyIsWrittenWhenABlockGoesInAndClearedWhenItComesOut() {
        Malloc heap = open();
        long[] mem = several(heap, 2, 24);
        freeAll(heap, mem);
        long key = Memory.getLong(mem[0] + 8);
        assertNotEquals(0, key);
        assertEquals(key, Memory.getLong(mem[1] + 8));
        assertEquals(mem[1], heap.malloc(24));
        assertEquals(0, Memory.getLong(mem[1] + 8));
    }

    @Test
    void everyHeapHasAKeyOfItsOwn() {
        Malloc one = open();
        Malloc two = open();
        long a = one.malloc(24);
        long b = two.malloc(24);
        one.free(a);
        two.free(b);
        assertNotEquals(Memory.getLong(a + 8), Memory.getLong(b + 8));
    }

    @Test
    void aBlockWhoseDataEqualTheKeyByChanceIsFreedAsAnyOther() {
        Malloc heap = open();
        long[] mem = several(heap, 2, 24);
        heap.free(mem[0]);
        Memory.putLong(mem[1] + 8, Memory.getLong(mem[0] + 8));
        heap.free(mem[1]);
        assertArrayEquals(new long[] {mem[1], mem[0]}, several(heap, 2, 24));
    }

    @Test
    void soItIsWhenTheStackIsFull() {
        Malloc heap = open();
        long[] mem = several(heap, 8, 24);
        freeAll(heap, Arrays.copyOf(mem, 7));
        Memory.putLong(mem[7] + 8, Memory.getLong(mem[0] + 8));
        heap.free(mem[7]);
        assertEquals(State.FAST, stateOf(heap, mem[7]));
    }

    @Test
    void anEmptyStackIsFilledFromTheFastBinWhoseOrderTurnsRound() {
        Malloc heap = open();
        long[] mem = several(heap, 12, 24);
        freeAll(heap, mem);
        several(heap, 7, 24);
        assertEquals(mem[11], heap.malloc(24));
        assertEquals(4, count(heap, State.TCACHE));
        assertArrayEquals(new long[] {mem[7], mem[8], mem[9], mem[10]}, several(heap, 4, 24));
    }

    @Test
    void stashingStopsWhenTheStackIsFull() {
        Malloc heap = open();
        long[] mem = several(heap, 17, 24);
        freeAll(heap, mem);
        several(heap, 7, 24);
        assertEquals(mem[16], heap.malloc(24));
        assertEquals(7, count(heap, State.TCACHE));
        assertEquals(2, count(heap, State.FAST));
    }

    @Test
    void anEmptyStackIsFilledFromTheSmallBin() {
        Malloc heap = open();
        long[] fillers = apart(heap, 7, 200);
        long[] mem = apart(heap, 4, 200);
        freeAll(heap, fillers);
        freeAll(heap, mem);
        sortBins(heap);
        assertEquals(4, count(heap, State.SMALL));
        several(heap, 7, 200);
        assertEquals(mem[0], heap.malloc(200));
        assertArrayEquals(new long[] {mem[3], mem[2], mem[1]}, several(heap, 3, 200));
    }

    @Test
    void callocDoesNotTakeFromItButFillsIt() {
        Malloc heap = open();
        long[] mem = several(heap, 9, 24);
        freeAll(heap, mem);
        assertEquals(mem[8], heap.calloc(1, 24));
        assertEquals(7, count(heap, State.TCACHE));
        several(heap, 7, 24);
        freeAll(heap, mem[0], mem[1]);
        assertEquals(mem[7], heap.calloc(1, 24));
        assertEquals(2, count(heap, State.TCACHE));
    }

    @Test
    void reallocTakesNothingFromIt() {
        Malloc heap = open();
        long cached = heap.malloc(100);
        long mem = heap.malloc(24);
        some(heap.malloc(24));
        heap.free(cached);
        assertNotEquals(cached, heap.realloc(mem, 100));
        assertEquals(State.TCACHE, stateOf(heap, cached));
    }

    @Test
    void memalignTakesNothingFromIt() {
        Malloc heap = open();
        long aligned = heap.memalign(64, 100);
        heap.free(aligned);
        assertEquals(State.TCACHE, stateOf(heap, aligned));
        assertNotEquals(aligned, heap.memalign(64, 100));
    }

    @Test
    void itsChunksCountAsInUse() {
        Malloc heap = open();
        long[] mem = several(heap, 3, 24);
        Mallinfo2 before = heap.mallinfo2();
        freeAll(heap, mem);
        assertEquals(before, heap.mallinfo2());
    }
}
