package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.ptmalloc.HeapChunk.State;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tcaches of chunks above 1040 bytes, which glibc has from 2.42 on. */
class LargeTcacheTest extends HeapTest {
    private static final Tunables LARGE =
            Tunables.builder().tcacheMax(64 << 10).tcacheCount(100).build();

    @ParameterizedTest
    @ValueSource(longs = {1033, 1048, 1049, 4096, 5000, 16_384, 65_536, 65_560})
    void whatIsFreedComesBack(long bytes) {
        Malloc heap = open(LARGE);
        long[] mem = apart(heap, 2, bytes);
        freeAll(heap, mem);
        assertEquals(State.TCACHE, stateOf(heap, mem[0]));
        assertEquals(
                TcacheBins.index(RequestSize.toChunkSize(bytes)),
                chunkOf(heap, mem[0]).bin());
        assertArrayEquals(new long[] {mem[1], mem[0]}, several(heap, 2, bytes));
    }

    @Test
    void requestsOfOneStackServeEachOther() {
        Malloc heap = open(LARGE);
        long mem = heap.malloc(4300);
        assertEquals(4640, chunkOf(heap, mem).size());
        heap.free(mem);
        assertEquals(mem, heap.malloc(4632));
        heap.free(mem);
        assertNotEquals(mem, heap.malloc(4120));
        assertNotEquals(mem, heap.malloc(4633));
        assertEquals(mem, heap.malloc(4121));
    }

    @Test
    void whatIsLargerThanTheTunableSaysIsNotRounded() {
        Malloc heap = open(LARGE);
        long[] mem = apart(heap, 1, 65_561);
        assertEquals(65_584, chunkOf(heap, mem[0]).size());
        freeAll(heap, mem);
        assertEquals(State.UNSORTED, stateOf(heap, mem[0]));
    }

    @Test
    void theTableIsAsLargeAsItHasStacks() {
        Malloc heap = open(LARGE);
        some(heap.malloc(24));
        assertEquals(128 + 8 * 113 + 16 & -16, heap.walk().get(0).size());
    }

    @ParameterizedTest
    @CsvSource({"1048, 100", "1500, 100", "2072, 64", "4096, 32", "65536, 2"})
    void aStackHolds128KibibytesOrAsManyChunksAsTheTunableSays(long bytes, int chunks) {
        Malloc heap = open(LARGE);
        freeAll(heap, apart(heap, chunks + 3, bytes));
        assertEquals(chunks, count(heap, State.TCACHE));
    }

    @Test
    void oneChunkMayBeLargerThanThat() {
        Malloc heap = open(
                Tunables.builder().tcacheMax(1 << 20).mmapThreshold(2 << 20).build());
        freeAll(heap, apart(heap, 3, 1 << 20));
        assertEquals(1, count(heap, State.TCACHE));
    }

    @Test
    void aFullStackGivesBackAsManyAsTheTunableSaysButNoMoreThanItHas() {
        Malloc heap = open(LARGE.toBuilder().tcacheFlush(20).build());
        freeAll(heap, apart(heap, 33, 4096));
        assertEquals(13, count(heap, State.TCACHE));
        freeAll(heap, apart(heap, 3, 65_536));
        assertEquals(14, count(heap, State.TCACHE));
    }

    @Test
    void nothingIsRoundedWhereNothingIsCached() {
        Malloc heap = open(LARGE.toBuilder().tcacheCount(0).build());
        long mem = apart(heap, 1, 4097)[0];
        assertEquals(4112, chunkOf(heap, mem).size());
        heap.free(mem);
        assertEquals(State.UNSORTED, stateOf(heap, mem));
    }

    @Test
    void callocTakesFromItAndClears() {
        Malloc heap = open(LARGE);
        long mem = heap.malloc(5000);
        fill(mem, 5000, 1);
        heap.free(mem);
        assertEquals(mem, heap.calloc(50, 100));
        assertTrue(IntStream.range(0, 5000).allMatch(i -> Memory.getByte(mem + i) == 0));
    }

    @Test
    void whatReallocResizesIsCachedToo() {
        Malloc heap = open(LARGE);
        long mem = heap.realloc(heap.malloc(100), 5000);
        some(heap.malloc(24));
        fill(mem, 5000, 1);
        mem = heap.realloc(mem, 3000);
        some(heap.malloc(24));
        assertFilled(mem, 3000, 1);
        heap.free(mem);
        assertEquals(State.TCACHE, stateOf(heap, mem));
        assertEquals(mem, heap.malloc(3000));
    }

    @Test
    void aChunkOfAnotherSizeGoesToItsArena() {
        Malloc heap = open(LARGE);
        long mem = heap.memalign(64, 4200);
        some(heap.malloc(24));
        heap.free(mem);
        assertEquals(State.UNSORTED, stateOf(heap, mem));
    }

    @Test
    void freeingTwiceIsNoticed() {
        Malloc heap = open(LARGE);
        long[] mem = several(heap, 3, 4096);
        freeAll(heap, mem);
        HeapCorruption e = assertThrows(HeapCorruption.class, () -> heap.free(mem[1]));
        assertEquals("free(): double free detected in tcache 2", e.getMessage());
    }

    @Test
    void aBlockWhoseDataEqualTheKeyByChanceIsFreedAsAnyOther() {
        Malloc heap = open(LARGE);
        long[] mem = several(heap, 2, 4096);
        heap.free(mem[0]);
        Memory.putLong(mem[1] + 8, Memory.getLong(mem[0] + 8));
        heap.free(mem[1]);
        assertArrayEquals(new long[] {mem[1], mem[0]}, several(heap, 2, 4096));
    }

    @Test
    void theSnapshotCountsItsBytes() {
        Malloc heap = open(LARGE);
        long[] mem = apart(heap, 3, 4300);
        long before = heap.snapshot().cached();
        freeAll(heap, mem);
        assertEquals(3 * 4640, heap.snapshot().cached() - before);
    }

    @Test
    void aThreadThatIsReleasedGivesItBack() {
        Malloc heap = open(LARGE);
        long[] mem = apart(heap, 3, 4096);
        freeAll(heap, mem);
        heap.releaseThread();
        assertEquals(0, count(heap, State.TCACHE));
        assertEquals(3, count(heap, State.IN_USE), "what keeps the blocks apart");
    }

    @Test
    void sealedAndLinkedBlocksUseIt() {
        Malloc heap = open(LARGE);
        SealedMalloc sealed = heap.sealed();
        long mem = sealed.allocate(4096, 1, false);
        fill(mem, 4096, 1);
        assertTrue(sealed.free(mem, 4096));
        assertEquals(State.TCACHE, stateOf(heap, mem));
        assertEquals(mem, sealed.allocate(4095, 1, true));
        assertTrue(IntStream.range(0, 4095).allMatch(i -> Memory.getByte(mem + i) == 0));
        assertFalse(sealed.free(mem, 4094));
        assertTrue(sealed.free(mem, 4095));
        assertFalse(sealed.free(mem, 4095));
        LinkedMalloc linked = heap.linked();
        assertEquals(mem, linked.allocate(4096, 1, true, 0));
        assertTrue(IntStream.range(0, 4096).allMatch(i -> Memory.getByte(mem + i) == 0));
        linked.freeChain(LinkedMalloc.linkOf(mem, 4096));
        assertEquals(State.TCACHE, stateOf(heap, mem));
    }
}
