package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.os.Memory;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallocTest extends HeapTest {
    private static void dirty(Malloc heap, long mem) {
        Memory.fill(mem, heap.mallocUsableSize(mem), (byte) 0xee);
    }

    @Test
    void aReusedBlockIsZeroUpToItsUsableEnd() {
        Malloc heap = open(NO_TCACHE);
        for (long bytes : new long[] {1, 24, 120, 200, 1000, 1032, 5000, 70_000}) {
            long mem = apart(heap, 1, bytes)[0];
            dirty(heap, mem);
            heap.free(mem);
            assertEquals(mem, heap.calloc(1, bytes));
            assertZero(mem, heap.mallocUsableSize(mem));
        }
    }

    @Test
    void memoryThatWasInTopBeforeIsZero() {
        Malloc heap = open(NO_TCACHE);
        long mem = heap.malloc(50_000);
        dirty(heap, mem);
        heap.free(mem);
        assertEquals(mem, heap.calloc(50_000, 1));
        assertZero(mem, 50_000);
    }

    @Test
    void memoryThatTopGrewByIsZero() {
        Malloc heap = open(NO_TCACHE.toBuilder().mmapMax(0).build());
        long mem = heap.malloc(100_000);
        dirty(heap, mem);
        heap.free(mem);
        assertEquals(mem, heap.calloc(1, MIB));
        assertZero(mem, heap.mallocUsableSize(mem));
    }

    @Test
    void aTrimmedAndRegrownTopIsZero() {
        Malloc heap = open(NO_TCACHE.toBuilder().mmapMax(0).build());
        long mem = heap.malloc(3 * MIB);
        dirty(heap, mem);
        long breakBefore = heap.breakNow();
        heap.free(mem);
        assertTrue(heap.breakNow() < breakBefore, "top was trimmed");
        assertEquals(mem, heap.calloc(1, 3 * MIB));
        assertZero(mem, 3 * MIB);
    }

    @Test
    void pagesThatTrimGaveBackAreZero() {
        Malloc heap = open(NO_TCACHE);
        long mem = apart(heap, 1, 60_000)[0];
        dirty(heap, mem);
        heap.free(mem);
        assertTrue(heap.mallocTrim(MIB));
        assertEquals(mem, heap.calloc(1, 60_000));
        assertZero(mem, 60_000);
    }

    @Test
    void aMappingIsZeroAlsoIfItWasMappedBefore() {
        Malloc heap = open(Tunables.builder().mmapThreshold(131_072).build());
        some(heap.malloc(24));
        for (int i = 0; i < 3; i++) {
            long mem = heap.calloc(1, MIB);
            assertZero(mem, MIB);
            dirty(heap, mem);
            heap.free(mem);
        }
    }

    @Test
    void zeroIsZeroAlsoWhenAllocatedMemoryIsFilled() {
        Malloc heap = open(NO_TCACHE.toBuilder().perturb(0x5a).build());
        for (long bytes : new long[] {1, 24, 200, 1032, 60_000, MIB}) {
            long mem = heap.calloc(1, bytes);
            assertZero(mem, bytes);
            heap.free(mem);
            assertZero(heap.calloc(bytes, 1), bytes);
        }
    }

    @Test
    void topThatIsAMappingInPlaceOfTheBreakIsZero() {
        FakeBreak fake = new FakeBreak();
        fake.refuseGrowthBeyond(0);
        Malloc heap = open(fake, NO_TCACHE);
        long mem = heap.malloc(50_000);
        dirty(heap, mem);
        heap.free(mem);
        assertEquals(mem, heap.calloc(1, 100_000));
        assertZero(mem, 100_000);
    }

    @Test
    void memoryThatWasEverBelowTheBreakIsNotTrustedToBeZero() {
        FakeBreak fake = new FakeBreak();
        fake.keepContentsWhenShrinking();
        Malloc heap = open(fake, NO_TCACHE.toBuilder().mmapMax(0).build());
        long mem = heap.malloc(3 * MIB);
        dirty(heap, mem);
        heap.free(mem);
        assertTrue(fake.current() - fake.base() < MIB, "top was trimmed");
        assertEquals(mem, heap.calloc(1, 3 * MIB));
        assertZero(mem, 3 * MIB);
    }

    @ParameterizedTest
    @CsvSource({
        "9223372036854775807, 2",
        "2, 9223372036854775807",
        "4294967296, 4294967296",
        "-1, 2",
        "2, -1",
        "-1, -1",
        "4611686018427387904, 4",
        "6148914691236517206, 3"
    })
    void aProductThatOverflowsFindsNoMemory(long count, long bytes) {
        assertEquals(0, open().calloc(count, bytes));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0, 100", "100, 0", "0, -1", "-1, 0"})
    void aProductOfZeroIsTheSmallestBlock(long count, long bytes) {
        Malloc heap = open();
        long mem = heap.calloc(count, bytes);
        assertNotEquals(0, mem);
        assertEquals(24, heap.mallocUsableSize(mem));
    }

    @Test
    void manyDirtyBlocksOfRandomSizesComeBackZero() {
        Malloc heap = open();
        Random random = new Random(3);
        long[] held = new long[64];
        for (int i = 0; i < 20_000; i++) {
            int slot = random.nextInt(held.length);
            heap.free(held[slot]);
            long bytes = random.nextInt(random.nextInt(50) == 0 ? 20_000 : 600);
            held[slot] = some(heap.calloc(1, bytes));
            assertZero(held[slot], bytes);
            dirty(heap, held[slot]);
        }
    }
}
