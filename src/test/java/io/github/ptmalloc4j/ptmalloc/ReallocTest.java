package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.ptmalloc.HeapChunk.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReallocTest extends HeapTest {
    @Test
    void reallocOfNothingAllocates() {
        Malloc heap = open();
        long mem = heap.malloc(24);
        heap.free(mem);
        assertEquals(mem, heap.realloc(0, 24));
    }

    @Test
    void reallocToNothingFrees() {
        Malloc heap = open();
        long mem = heap.malloc(24);
        assertEquals(0, heap.realloc(mem, 0));
        assertEquals(State.TCACHE, stateOf(heap, mem));
    }

    @Test
    void reallocOfNothingToNothingIsTheSmallestBlock() {
        Malloc heap = open();
        assertEquals(24, heap.mallocUsableSize(heap.realloc(0, 0)));
    }

    @Test
    void growthWithinTheChunkMovesNothing() {
        Malloc heap = open();
        long mem = apart(heap, 1, 10)[0];
        assertEquals(mem, heap.realloc(mem, 24));
        assertEquals(24, heap.mallocUsableSize(mem));
    }

    @Test
    void shrinkingStaysAndFreesTheRest() {
        Malloc heap = open(NO_TCACHE);
        long mem = apart(heap, 1, 1000)[0];
        fill(mem, 200, 1);
        assertEquals(mem, heap.realloc(mem, 200));
        assertFilled(mem, 200, 1);
        assertEquals(200, heap.mallocUsableSize(mem));
        assertEquals(State.UNSORTED, stateOf(heap, mem + 208));
        assertEquals(1008 - 208, chunkOf(heap, mem + 208).size());
    }

    @Test
    void theRestOfAShrunkBlockGoesToTheTcacheIfItFits() {
        Malloc heap = open();
        long mem = apart(heap, 1, 1000)[0];
        assertEquals(mem, heap.realloc(mem, 200));
        assertEquals(State.TCACHE, stateOf(heap, mem + 208));
    }

    @Test
    void aRestOfLessThan32BytesStaysWithTheBlock() {
        Malloc heap = open(NO_TCACHE);
        long mem = apart(heap, 1, 200)[0];
        assertEquals(mem, heap.realloc(mem, 184));
        assertEquals(200, heap.mallocUsableSize(mem));
        assertEquals(mem, heap.realloc(mem, 168));
        assertEquals(168, heap.mallocUsableSize(mem));
    }

    @Test
    void theLastBlockGrowsIntoTop() {
        Malloc heap = open(NO_TCACHE);
        long mem = heap.malloc(100);
        fill(mem, 100, 2);
        assertEquals(mem, heap.realloc(mem, 50_000));
        assertFilled(mem, 100, 2);
        assertEquals(mem - 16 + 50_016, top(heap).address());
    }

    @Test
    void topIsNeverUsedUpByARealloc() {
        Malloc heap = open(NO_TCACHE.toBuilder().mmapMax(0).build());
        long mem = heap.malloc(100);
        long together = 112 + top(heap).size();
        assertEquals(mem, heap.realloc(mem, together - 32 - 8));
        assertEquals(32, top(heap).size());
        mem = heap.realloc(mem, together - 16 - 8);
        assertEquals(0, top(heap).size() % 16);
    }

    @Test
    void aBlockGrowsIntoTheFreeChunkBehindIt() {
        Malloc heap = open(NO_TCACHE);
        long mem = heap.malloc(200);
        long behind = apart(heap, 1, 1000)[0];
        fill(mem, 200, 3);
        heap.free(behind);
        assertEquals(mem, heap.realloc(mem, 712));
        assertFilled(mem, 200, 3);
        assertEquals(State.UNSORTED, stateOf(heap, mem + 720));
    }

    @Test
    void itTakesTheWholeFreeChunkIfTheRestWouldBeTooSmall() {
        Malloc heap = open(NO_TCACHE);
        long mem = heap.malloc(200);
        long behind = apart(heap, 1, 200)[0];
        heap.free(behind);
        assertEquals(mem, heap.realloc(mem, 392));
        assertEquals(408, heap.mallocUsableSize(mem));
    }

    @Test
    void itDoesNotGrowIntoAFastChunk() {
        Malloc heap = open(NO_TCACHE);
        long mem = heap.malloc(200);
        long behind = apart(heap, 1, 100)[0];
        heap.free(behind);
        assertNotEquals(mem, heap.realloc(mem, 300));
        assertEquals(State.UNSORTED, stateOf(heap, mem));
    }

    @Test
    void itDoesNotGrowIntoATcachedChunk() {
        Malloc heap = open();
        long mem = heap.malloc(200);
        long behind = apart(heap, 1, 1000)[0];
        heap.free(behind);
        assertNotEquals(mem, heap.realloc(mem, 300));
    }

    @Test
    void itMovesWithItsContentsIfNothingElseHelps() {
        Malloc heap = open(NO_TCACHE);
        long mem = apart(heap, 1, 200)[0];
        fill(mem, 200, 4);
        long moved = heap.realloc(mem, 400);
        assertNotEquals(mem, moved);
        assertFilled(moved, 200, 4);
        assertEquals(State.UNSORTED, stateOf(heap, mem));
    }

    @Test
    void itIsJoinedWithTheChunkBehindIfMergingMadeThatTheNewOne() {
        Malloc heap = open(NO_TCACHE);
        long mem = heap.malloc(1000);
        long[] fast = several(heap, 12, 120);
        some(heap.malloc(24));
        fill(mem, 1000, 5);
        freeAll(heap, fast);
        // A large request merges the fast chunks behind the block, and that is what it then gets.
        assertEquals(mem, heap.realloc(mem, 1500));
        assertFilled(mem, 1000, 5);
        assertEquals(1512, heap.mallocUsableSize(mem));
    }

    @ParameterizedTest
    @ValueSource(longs = {2_000_000, 8_000_000, 300_000, 135_152, 200})
    void aMappingIsResizedByThePage(long bytes) {
        Malloc heap = open();
        long mem = heap.malloc(MIB);
        fill(mem, MIB, 6);
        mem = heap.realloc(mem, bytes);
        assertEquals(1, os.mremaps());
        assertFilled(mem, Math.min(MIB, bytes), 6);
        long nb = Math.ceilDiv(bytes + 8, 16) * 16;
        assertEquals(Math.ceilDiv(nb + 8, 4096) * 4096 | 2, sizeWord(mem));
        assertEquals(1, heap.mallinfo2().hblks());
        assertEquals(sizeWord(mem) - 2, heap.mallinfo2().hblkhd());
    }

    @Test
    void aMappingOfTheSamePagesStays() {
        Malloc heap = open();
        long mem = heap.malloc(MIB);
        assertEquals(mem, heap.realloc(mem, MIB + 4000));
        assertEquals(0, os.mremaps());
    }

    @Test
    void aMappingKeepsItsAlignedOffset() {
        Malloc heap = open();
        long mem = heap.memalign(1024, MIB);
        long offset = Memory.getLong(mem - 16);
        fill(mem, MIB, 7);
        assertEquals(1024 - 16, offset);
        long moved = heap.realloc(mem, 3 * MIB);
        assertEquals(offset, Memory.getLong(moved - 16));
        assertEquals(0, moved % 1024);
        assertFilled(moved, MIB, 7);
        assertEquals(0, sizeWord(moved) - 2 + offset & 4095);
    }

    @Test
    void aMappingThatCannotGrowIsCopied() {
        Malloc heap = open();
        long mem = heap.malloc(MIB);
        fill(mem, MIB, 8);
        os.failCall(1, false);
        long moved = heap.realloc(mem, 2 * MIB);
        os.healed();
        assertNotEquals(mem, moved);
        assertFilled(moved, MIB, 8);
        assertEquals(1, heap.mallinfo2().hblks());
    }

    @Test
    void aMappingThatCannotShrinkStays() {
        Malloc heap = open();
        long mem = heap.malloc(MIB);
        os.failCall(1, true);
        assertEquals(mem, heap.realloc(mem, 200_000));
        os.healed();
        assertEquals(1_052_672 - 16, heap.mallocUsableSize(mem));
    }

    @Test
    void aFailedReallocLeavesTheBlockAlone() {
        Malloc heap = open();
        long small = apart(heap, 1, 200)[0];
        long mapped = heap.malloc(MIB);
        fill(small, 200, 9);
        fill(mapped, MIB, 10);
        for (long bytes : new long[] {1L << 46, 1L << 47, 1L << 60, Long.MAX_VALUE, -1}) {
            assertEquals(0, heap.realloc(small, bytes), "small to " + bytes);
            assertEquals(0, heap.realloc(mapped, bytes), "mapped to " + bytes);
        }
        assertFilled(small, 200, 9);
        assertFilled(mapped, MIB, 10);
    }

    @Test
    void contentsSurviveGrowingAndShrinkingByOneByte() {
        Malloc heap = open();
        long mem = heap.malloc(1);
        for (long bytes = 1; bytes < 3000; bytes++) {
            mem = heap.realloc(mem, bytes);
            Memory.putByte(mem + bytes - 1, (byte) bytes);
        }
        for (long bytes = 2999; bytes >= 1; bytes--) {
            mem = heap.realloc(mem, bytes);
            assertEquals((byte) bytes, Memory.getByte(mem + bytes - 1));
        }
        assertEquals(1, Memory.getByte(mem));
    }
}
