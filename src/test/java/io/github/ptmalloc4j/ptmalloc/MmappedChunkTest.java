package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.ptmalloc.HeapChunk.State;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MmappedChunkTest extends HeapTest {
    private static final Tunables NO_MMAP = Tunables.builder().mmapMax(0).build();

    @Test
    void aRequestAtTheThresholdThatNothingServesIsAMapping() {
        Malloc heap = open();
        some(heap.malloc(60_000));
        assertEquals(State.IN_USE, stateOf(heap, heap.malloc(131_048)));
        some(heap.malloc(60_000));
        assertEquals(State.MMAPPED, stateOf(heap, heap.malloc(131_049)));
    }

    @Test
    void aRequestAboveTheThresholdStillComesFromTopIfThatHasRoom() {
        Malloc heap = open();
        some(heap.malloc(24));
        assertEquals(State.IN_USE, stateOf(heap, heap.malloc(131_049)));
        assertEquals(0, heap.mallinfo2().hblks());
    }

    @ParameterizedTest
    @CsvSource({
        // request, mapping
        "131049, 135168",
        "135144, 135168",
        "135145, 139264",
        "204800, 208896",
        "1048576, 1052672"
    })
    void aMappingIsTheChunkSizeAnd8BytesRoundedUpToPages(long request, long mapping) {
        Malloc heap = open();
        some(heap.malloc(60_000));
        some(heap.malloc(60_000));
        long mem = heap.malloc(request);
        assertEquals(mapping | 2, sizeWord(mem));
        assertEquals(0, Memory.getLong(mem - 16));
        assertEquals(16, mem & 4095);
        assertEquals(mapping - 16, heap.mallocUsableSize(mem));
        assertEquals(mapping, os.mappings().get(mem - 16));
    }

    @Test
    void mappingsAreCountedAndUnmappedWhenFreed() {
        Malloc heap = open();
        some(heap.malloc(24));
        long[] mem = several(heap, 2, MIB);
        Mallinfo2 both = heap.mallinfo2();
        assertEquals(2, both.hblks());
        assertEquals(2 * 1_052_672, both.hblkhd());
        heap.free(mem[0]);
        assertEquals(1, heap.mallinfo2().hblks());
        assertEquals(1_052_672, heap.mallinfo2().hblkhd());
        assertFalse(os.mappings().containsKey(mem[0] - 16));
        assertTrue(os.mappings().containsKey(mem[1] - 16));
    }

    @Test
    void mmapMaxLimitsHowManyThereAre() {
        Malloc heap = open(Tunables.builder().mmapMax(2).build());
        long[] mem = several(heap, 3, MIB);
        assertEquals(2, heap.mallinfo2().hblks());
        assertEquals(State.IN_USE, stateOf(heap, mem[2]));
        heap.free(mem[0]);
        assertEquals(State.MMAPPED, stateOf(heap, heap.malloc(2 * MIB)));
    }

    @Test
    void mmapMaxZeroGivesNone() {
        Malloc heap = open(NO_MMAP);
        assertEquals(State.IN_USE, stateOf(heap, heap.malloc(8 * MIB)));
        assertEquals(0, heap.mallinfo2().hblks());
    }

    @Test
    void freeingOneRaisesBothThresholds() {
        Malloc heap = open();
        heap.free(heap.malloc(MIB));
        assertEquals(1_052_672, heap.mmapThreshold());
        assertEquals(2 * 1_052_672, heap.trimThreshold());
        assertEquals(State.IN_USE, stateOf(heap, heap.malloc(MIB)));
    }

    @Test
    void freeingASmallerOneLaterDoesNotLowerThem() {
        Malloc heap = open();
        long[] mem = {heap.malloc(2 * MIB), heap.malloc(MIB)};
        freeAll(heap, mem);
        assertEquals(2 * MIB + 4096, heap.mmapThreshold());
    }

    @Test
    void aMappingJustBelow32MibRaisesThem() {
        Malloc heap = open();
        heap.free(heap.malloc(32 * MIB - 4096 - 24));
        assertEquals(32 * MIB - 4096, heap.mmapThreshold());
        assertEquals(64 * MIB - 8192, heap.trimThreshold());
    }

    @Test
    void aMappingOfExactly32MibDoesNotRaiseThem() {
        Malloc heap = open();
        long mem = heap.malloc(32 * MIB - 24);
        assertEquals(32 * MIB | 2, sizeWord(mem));
        heap.free(mem);
        assertThresholdsAreTheDefaults(heap);
    }

    @Test
    void aMappingAbove32MibDoesNotRaiseThem() {
        Malloc heap = open();
        heap.free(heap.malloc(40 * MIB));
        assertThresholdsAreTheDefaults(heap);
    }

    @Test
    void reallocThatFreesTheOldMappingDoesNotRaiseThem() {
        Malloc heap = open();
        long mem = heap.malloc(MIB);
        os.failCall(1, false);
        some(heap.realloc(mem, 2 * MIB));
        os.healed();
        assertEquals(1, os.faults(), "mremap was refused");
        assertFalse(os.mappings().containsKey(mem - 16), "the old mapping is gone");
        assertThresholdsAreTheDefaults(heap);
    }

    @Test
    void reallocToNothingRaisesThem() {
        Malloc heap = open();
        assertEquals(0, heap.realloc(heap.malloc(MIB), 0));
        assertEquals(1_052_672, heap.mmapThreshold());
    }

    @Test
    void aThresholdSetByHandStaysAndSoDoTheOthers() {
        Map<Integer, Long> frozen = Map.of(-1, 131_072L, -2, 131_072L, -3, 131_072L, -4, 131_072L);
        for (int parameter : frozen.keySet()) {
            Malloc heap = open();
            assertTrue(heap.mallopt(parameter, 131_072));
            heap.free(heap.malloc(MIB));
            assertThresholdsAreTheDefaults(heap);
        }
    }

    @Test
    void tunablesSetByHandFreezeThemToo() {
        Tunables.Builder[] builders = {
            Tunables.builder().mmapThreshold(131_072),
            Tunables.builder().trimThreshold(131_072),
            Tunables.builder().topPad(131_072),
            Tunables.builder().mmapMax(65_536)
        };
        for (Tunables.Builder builder : builders) {
            Malloc heap = open(builder.build());
            heap.free(heap.malloc(MIB));
            assertThresholdsAreTheDefaults(heap);
        }
    }

    @Test
    void otherSettingsDoNotFreezeThem() {
        Malloc heap =
                open(Tunables.builder().mxfast(0).tcacheCount(0).perturb(1).build());
        assertTrue(heap.mallopt(1, 64));
        assertTrue(heap.mallopt(-6, 0));
        heap.free(heap.malloc(MIB));
        assertEquals(1_052_672, heap.mmapThreshold());
    }

    private static void assertThresholdsAreTheDefaults(Malloc heap) {
        assertEquals(131_072, heap.mmapThreshold());
        assertEquals(131_072, heap.trimThreshold());
    }

    @Test
    void aManualThresholdHasNoUpperLimit() {
        Malloc heap = open(Tunables.builder().mmapThreshold(1L << 40).build());
        assertEquals(State.IN_USE, stateOf(heap, heap.malloc(64 * MIB)));
    }

    @Test
    void aRefusedMappingIsServedFromTheBreak() {
        Malloc heap = open();
        some(heap.malloc(24));
        os.failCall(1, false);
        long mem = heap.malloc(MIB);
        os.healed();
        assertEquals(State.IN_USE, stateOf(heap, mem));
        assertEquals(0, heap.mallinfo2().hblks());
    }

    @Test
    void freeSurvivesAKernelThatCannotUnmap() {
        Malloc heap = open();
        long mem = heap.malloc(MIB);
        os.failCall(1, false);
        heap.free(mem);
        os.healed();
        assertEquals(1, os.faults());
        assertEquals(0, heap.mallinfo2().hblks());
        os.removeLost();
    }

    @Test
    void theTableOfMappingsForgetsNoneWhateverComesAndGoes() {
        MmappedChunks table = new MmappedChunks();
        for (long chunk = 1; chunk <= 2000; chunk++) {
            table.put(chunk << 12, chunk, 2 * chunk);
        }
        long bytes = 0;
        for (long chunk = 1; chunk <= 2000; chunk += 3) {
            table.remove(chunk << 12);
        }
        for (long chunk = 1; chunk <= 2000; chunk++) {
            assertEquals(chunk % 3 != 1, table.contains(chunk << 12), "chunk " + chunk);
            bytes += chunk % 3 != 1 ? 2 * chunk : 0;
        }
        assertEquals(bytes, table.mem());
        assertEquals(1333, table.chunks().length);
    }
}
