package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.ptmalloc.HeapChunk.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemalignTest extends HeapTest {
    @ParameterizedTest
    @CsvSource({"0, 16", "1, 16", "8, 16", "16, 16", "17, 32", "24, 32", "33, 64", "48, 64", "100, 128", "4097, 8192"})
    void anyAlignmentIsRoundedUpToAPowerOfTwo(long alignment, long effective) {
        Malloc heap = open(NO_TCACHE);
        some(heap.malloc(24));
        for (int i = 0; i < 20; i++) {
            assertEquals(0, some(heap.memalign(alignment, 40)) % effective);
        }
    }

    @Test
    void everyPowerOfTwoIsHonouredWithWholeContents() {
        Malloc heap = open();
        for (long alignment = 16; alignment <= 4 * MIB; alignment *= 2) {
            long mem = some(heap.memalign(alignment, 3000));
            assertEquals(0, mem % alignment);
            fill(mem, heap.mallocUsableSize(mem), 1);
            heap.check();
        }
    }

    @Test
    void anAlignmentOf16OrLessComesFromTheTcache() {
        Malloc heap = open();
        long mem = heap.malloc(40);
        heap.free(mem);
        assertEquals(mem, heap.memalign(16, 40));
    }

    @Test
    void theLeaderAndTheTailAreFreed() {
        Malloc heap = open(NO_TCACHE);
        some(heap.malloc(24));
        long mem = heap.memalign(4096, 4096);
        long leader = heap.breakStart() + 0x290 + 32 + 16;
        assertEquals(State.UNSORTED, stateOf(heap, leader));
        assertEquals(mem - leader, chunkOf(heap, leader).size());
        assertEquals(4112, chunkOf(heap, mem).size());
        assertEquals(mem + 4112, top(heap).mem());
    }

    @Test
    void theLeaderIsAtLeastAChunk() {
        Malloc heap = open(NO_TCACHE);
        // The next user address is 16 below a multiple of 32: the leader would be 16 bytes, so the one after is taken.
        long first = heap.malloc(24);
        long mem = heap.memalign(32, 24);
        long offset = mem - (first + 32);
        assertEquals(0, mem % 32);
        assertEquals(first % 32 == 0 ? 0 : 48, offset);
    }

    @Test
    void aSmallLeaderGoesToTheTcache() {
        Malloc heap = open();
        some(heap.malloc(24));
        long leader = heap.breakStart() + 0x290 + 32 + 16;
        long mem = heap.memalign(512, 24);
        assertEquals(State.TCACHE, stateOf(heap, leader));
        assertEquals(mem - leader, chunkOf(heap, leader).size());
    }

    @Test
    void aTailOfExactly32BytesStaysWithTheBlock() {
        Malloc heap = open(NO_TCACHE);
        long free;
        do {
            some(heap.malloc(40));
            free = apart(heap, 1, 152)[0];
        } while (free % 64 != 48);
        heap.free(free);
        // 144 bytes are asked for, and 160 given, as 16 are no chunk; 80 lie before the first address that will do.
        long mem = heap.memalign(64, 40);
        assertEquals(free + 80, mem);
        assertEquals(72, heap.mallocUsableSize(mem));
    }

    @Test
    void aMappingOnlyRemembersItsOffset() {
        Malloc heap = open();
        long mem = heap.memalign(8192, MIB);
        long offset = Memory.getLong(mem - 16);
        long mapping = mem - 16 - offset;
        assertEquals(0, mapping & 4095);
        assertEquals(os.mappings().get(mapping), offset + sizeWord(mem) - 2);
        assertEquals(sizeWord(mem) - 2 - 16, heap.mallocUsableSize(mem));
        heap.free(mem);
        assertEquals(0, heap.mallinfo2().hblks());
        assertEquals(0, heap.mallinfo2().hblkhd());
        assertNull(os.mappings().get(mapping));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 4, 7, 12, 24, 48, 100, -8, 3L << 62})
    void posixMemalignRefusesWhatIsNoPowerOfTwoAndMultipleOf8(long alignment) {
        assertEquals(-Malloc.EINVAL, open().posixMemalign(alignment, 24));
    }

    @ParameterizedTest
    @ValueSource(longs = {8, 16, 32, 4096, 1 << 20})
    void posixMemalignTakesEveryOtherAlignment(long alignment) {
        assertEquals(0, open().posixMemalign(alignment, 24) % alignment);
    }

    @Test
    void posixMemalignSaysWhenThereIsNoMemory() {
        assertEquals(-Malloc.ENOMEM, open().posixMemalign(64, Long.MAX_VALUE));
        assertEquals(-Malloc.ENOMEM, open().posixMemalign(1L << 62, 24));
        assertEquals(-Malloc.ENOMEM, open().posixMemalign(Long.MIN_VALUE, 24));
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 48, 1L << 62, (1L << 62) + 1, Long.MAX_VALUE, Long.MIN_VALUE, Long.MIN_VALUE + 1, -1})
    void impossibleAlignmentsFindNoMemory(long alignment) {
        Malloc heap = open();
        for (long bytes : new long[] {0, 24, MIB, Long.MAX_VALUE}) {
            assertEquals(0, heap.memalign(alignment, bytes));
        }
    }

    @Test
    void vallocIsAlignedToAPage() {
        Malloc heap = open();
        long mem = heap.valloc(100);
        assertEquals(0, mem % 4096);
        // Top was cut where the tail begins: no more than the request needs.
        assertEquals(104, heap.mallocUsableSize(mem));
    }

    @ParameterizedTest
    @CsvSource({"0, 24", "1, 4104", "2, 4104", "4096, 4104", "4097, 8200"})
    void pvallocRoundsUpToAPage(long bytes, long usable) {
        Malloc heap = open();
        long mem = heap.pvalloc(bytes);
        assertEquals(0, mem % 4096);
        assertEquals(usable, heap.mallocUsableSize(mem));
    }

    @Test
    void aFreedAlignedBlockIsReusedByMalloc() {
        Malloc heap = open();
        long mem = heap.memalign(64, 200);
        heap.free(mem);
        assertEquals(mem, heap.malloc(200));
    }
}
