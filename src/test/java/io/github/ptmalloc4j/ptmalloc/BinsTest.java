package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.ptmalloc.HeapChunk.State;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BinsTest extends HeapTest {
    @Test
    void smallBinsHoldOneSizeEach() {
        for (int bin = 2; bin <= 63; bin++) {
            assertEquals(bin, Bins.binIndex(16L * bin));
        }
        assertEquals(63, Bins.binIndex(1008));
        assertEquals(64, Bins.binIndex(1024));
    }

    @Test
    void theFirst33LargeBinsAre64BytesWide() {
        for (int bin = 64; bin <= 96; bin++) {
            assertCovers(bin, (bin - 48) * 64L, (bin - 48) * 64L + 48);
        }
    }

    @Test
    void bins98To111Are512BytesWide() {
        for (int bin = 98; bin <= 111; bin++) {
            assertCovers(bin, (bin - 91) * 512L, (bin - 91) * 512L + 496);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "97, 3136, 3568",
        "112, 10752, 12272",
        "113, 12288, 16368",
        "114, 16384, 20464",
        "115, 20480, 24560",
        "116, 24576, 28656",
        "117, 28672, 32752",
        "118, 32768, 36848",
        "119, 36864, 40944",
        "120, 40960, 65520",
        "121, 65536, 98288",
        "122, 98304, 131056",
        "123, 131072, 163824",
        "124, 163840, 262128",
        "125, 262144, 524272",
        "126, 524288, 4611686018427387904"
    })
    void theWiderLargeBinsBeginAndEndWhereTheSpecificationSays(int bin, long from, long to) {
        assertCovers(bin, from, to);
    }

    private static void assertCovers(int bin, long from, long to) {
        assertEquals(bin - 1, Bins.binIndex(from - 16), "just below bin " + bin);
        assertEquals(bin, Bins.binIndex(from), "start of bin " + bin);
        assertEquals(bin, Bins.binIndex(to), "end of bin " + bin);
        if (bin < 126) {
            assertEquals(bin + 1, Bins.binIndex(to + 16), "just above bin " + bin);
        }
    }

    @Test
    void aPageGoesToBin99() {
        assertEquals(99, Bins.binIndex(4096));
    }

    @Test
    void aFreedChunkWaitsUnsortedUntilARequestPassesItBy() {
        Malloc heap = open(NO_TCACHE);
        long mem = apart(heap, 1, 200)[0];
        heap.free(mem);
        assertEquals(State.UNSORTED, stateOf(heap, mem));
        sortBins(heap);
        assertEquals(State.SMALL, stateOf(heap, mem));
        assertEquals(13, chunkOf(heap, mem).bin());
    }

    @Test
    void smallBinsGiveTheOldestFirst() {
        Malloc heap = open(NO_TCACHE);
        long[] freed = apart(heap, 4, 200);
        freeAll(heap, freed);
        sortBins(heap);
        assertArrayEquals(freed, several(heap, 4, 200));
    }

    @Test
    void unsortedChunksAreFiledOldestFirst() {
        Malloc heap = open(NO_TCACHE);
        long[] freed = apart(heap, 3, 200);
        freeAll(heap, freed[2], freed[0], freed[1]);
        assertArrayEquals(new long[] {freed[2], freed[0], freed[1]}, several(heap, 3, 200));
    }

    @Test
    void aLargeRequestGetsTheSmallestChunkOfItsBinThatIsLargeEnough() {
        Malloc heap = open(NO_TCACHE);
        long largest = apart(heap, 1, 1064)[0];
        long tooSmall = apart(heap, 1, 1016)[0];
        long best = apart(heap, 1, 1048)[0];
        freeAll(heap, largest, tooSmall, best);
        sortBins(heap);
        assertEquals(64, chunkOf(heap, largest).bin());
        assertEquals(64, chunkOf(heap, tooSmall).bin());
        assertEquals(best, heap.malloc(1032));
        assertEquals(largest, heap.malloc(1032));
    }

    @Test
    void theFirstChunkOfALargeSizeIsTakenLast() {
        Malloc heap = open(NO_TCACHE);
        long[] freed = apart(heap, 3, 1032);
        freeAll(heap, freed);
        sortBins(heap);
        // The second goes behind the first, and so does the third: first, third, second.
        assertArrayEquals(new long[] {freed[2], freed[1], freed[0]}, several(heap, 3, 1032));
    }

    @Test
    void aLargeBinIsSortedWhateverTheOrderOfFreeing() {
        Malloc heap = open(NO_TCACHE);
        long[] sizes = {1672, 1656, 1672, 1688, 1656, 1704, 1672, 1688};
        long[] blocks = new long[sizes.length];
        for (int i = 0; i < sizes.length; i++) {
            blocks[i] = apart(heap, 1, sizes[i])[0];
        }
        freeAll(heap, blocks);
        sortBins(heap);
        heap.check();
        for (long size : LongStream.of(sizes).sorted().toArray()) {
            assertEquals(size, heap.mallocUsableSize(heap.malloc(size)), "an exact fit for each size is left");
        }
        assertEquals(0, count(heap, State.LARGE));
    }

    @Test
    void aLargerBinServesWhenTheOwnOneIsEmptyAndTheRestStaysFree() {
        Malloc heap = open(NO_TCACHE);
        long mem = apart(heap, 1, 5000)[0];
        heap.free(mem);
        sortBins(heap);
        assertEquals(mem, heap.malloc(1032));
        assertEquals(State.UNSORTED, stateOf(heap, mem + 1040));
        assertEquals(5008 - 1040, chunkOf(heap, mem + 1040).size());
    }

    @Test
    void aRestTooSmallForAChunkStaysWithTheBlock() {
        Malloc heap = open(NO_TCACHE);
        long mem = apart(heap, 1, 1048)[0];
        heap.free(mem);
        sortBins(heap);
        assertEquals(mem, heap.malloc(1032));
        assertEquals(1048, heap.mallocUsableSize(mem));
    }

    @Test
    void aSearchClearsTheMarkOfABinThatItFindsEmpty() {
        MallocPar mp = new MallocPar(os, new FakeBreak(), 0, NO_TCACHE, MallocObserver.NONE);
        mp.arenas = new Arenas(mp, new Threads(mp));
        MallocState av = mp.arenas.main;
        Tcache tcache = PerThread.nobody(mp).tcache;
        long mem = ArenaMalloc.malloc(av, tcache, 200);
        ArenaMalloc.malloc(av, tcache, 24);
        ArenaFree.freeLocked(av, tcache, Chunk.mem2chunk(mem));
        ArenaMalloc.malloc(av, tcache, 2000);
        assertTrue(Binmap.isMarked(av, 13));
        assertEquals(mem, ArenaMalloc.malloc(av, tcache, 200));
        assertTrue(Binmap.isMarked(av, 13), "taking the last chunk leaves the mark");
        ArenaMalloc.malloc(av, tcache, 152);
        assertFalse(Binmap.isMarked(av, 13), "a search that passes clears it");
        av.unmapAreas();
    }

    @Test
    void theSearchForALargerBinFindsTheLastOne() {
        Malloc heap = open(
                Tunables.builder().tcacheCount(0).mmapMax(0).trimThreshold(-1).build());
        long mem = apart(heap, 1, 3 * MIB)[0];
        heap.free(mem);
        some(heap.malloc(5 * MIB));
        assertEquals(126, chunkOf(heap, mem).bin());
        assertEquals(mem, heap.malloc(152));
    }
}
