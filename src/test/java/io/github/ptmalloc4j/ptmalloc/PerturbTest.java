package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.os.Memory;
import org.junit.jupiter.api.Test;

class PerturbTest extends HeapTest {
    private static final Tunables FILL_5A = NO_TCACHE.toBuilder().perturb(0x5a).build();

    @Test
    void allocatedMemoryIsFilledWithTheComplement() {
        Malloc heap = open(FILL_5A);
        for (long bytes : new long[] {1, 24, 200, 1032, 60_000, MIB}) {
            assertBytes(0xa5, heap.malloc(bytes), bytes);
        }
    }

    @Test
    void onlyTheRequestIsFilled() {
        Malloc heap = open(FILL_5A);
        long mem = heap.malloc(10);
        assertBytes(0xa5, mem, 10);
        assertEquals(0, Memory.getByte(mem + 10));
    }

    @Test
    void reusedMemoryIsFilledFromEveryBin() {
        Malloc heap = open(FILL_5A);
        for (long bytes : new long[] {24, 120, 200, 1000, 5000}) {
            long mem = apart(heap, 1, bytes)[0];
            Memory.fill(mem, bytes, (byte) 1);
            heap.free(mem);
            if (bytes == 1000) {
                sortBins(heap);
            }
            assertEquals(mem, heap.malloc(bytes));
            assertBytes(0xa5, mem, bytes);
        }
    }

    @Test
    void freedMemoryIsFilledBehindTheListPointers() {
        Malloc heap = open(FILL_5A);
        long mem = apart(heap, 1, 200)[0];
        Memory.fill(mem, 200, (byte) 1);
        heap.free(mem);
        assertBytes(0x5a, mem + 16, 208 - 16 - 16);
    }

    @Test
    void freedFastChunksAreFilledToo() {
        Malloc heap = open(FILL_5A);
        long mem = heap.malloc(100);
        heap.free(mem);
        assertBytes(0x5a, mem + 8, 112 - 16 - 8);
    }

    @Test
    void whatGoesThroughTheTcacheIsNotFilled() {
        Malloc heap = open(Tunables.builder().perturb(0x5a).build());
        long mem = heap.malloc(100);
        Memory.fill(mem, 100, (byte) 1);
        heap.free(mem);
        assertBytes(1, mem + 16, 84);
        assertEquals(mem, heap.malloc(100));
        assertBytes(1, mem + 16, 84);
    }

    @Test
    void malloptSetsTheByte() {
        Malloc heap = open(NO_TCACHE);
        assertTrue(heap.mallopt(-6, 0x0f));
        assertBytes(0xf0, heap.malloc(100), 100);
        assertTrue(heap.mallopt(-6, 0));
        assertZero(heap.malloc(100), 100);
    }
}
