package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.os.Os;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrimTest extends HeapTest {
    private static final Tunables ON_BREAK = NO_TCACHE.toBuilder().mmapMax(0).build();

    @Test
    void aFreshHeapHasNothingToTrim() {
        assertFalse(open().mallocTrim(0));
    }

    @Test
    void trimGivesTopBackDownToThePad() {
        FakeBreak fake = new FakeBreak();
        Malloc heap = open(fake, ON_BREAK);
        some(heap.malloc(24));
        assertTrue(heap.mallocTrim(0));
        assertEquals(fake.base() + 4096, fake.current());
        assertFalse(heap.mallocTrim(0), "nothing is left");
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "3300, 1", "3500, 2", "4096, 2", "40960, 11"})
    void trimKeepsThePadInTop(long pad, long pagesLeft) {
        FakeBreak fake = new FakeBreak();
        Malloc heap = open(fake, ON_BREAK);
        some(heap.malloc(24));
        assertTrue(heap.mallocTrim(pad));
        assertEquals(pagesLeft, (fake.current() - fake.base()) / 4096);
        assertTrue(top(heap).size() > pad + 32, "top " + top(heap).size());
        assertTrue(top(heap).size() <= pad + 33 + 4096, "top " + top(heap).size());
    }

    @Test
    void trimCountsWhatItGaveBack() {
        Malloc heap = open(ON_BREAK);
        some(heap.malloc(24));
        long before = heap.mallinfo2().arena();
        long breakBefore = heap.breakNow();
        assertTrue(heap.mallocTrim(0));
        assertEquals(breakBefore - heap.breakNow(), before - heap.mallinfo2().arena());
    }

    @Test
    void aHugePadTrimsNothing() {
        Malloc heap = open(ON_BREAK);
        some(heap.malloc(24));
        assertFalse(heap.mallocTrim(Long.MAX_VALUE));
        assertFalse(heap.mallocTrim(-1));
    }

    @Test
    void freeingTrimsWhenTopReachesTheThreshold() {
        FakeBreak fake = new FakeBreak();
        Malloc heap = open(fake, ON_BREAK);
        heap.free(heap.malloc(MIB));
        assertTrue(fake.increments().getLast() <= -MIB, "the break went down");
        long kept = top(heap).size();
        assertTrue(kept > 131_072 && kept <= 131_072 + 4096 + 33, "top keeps the pad: " + kept);
    }

    @Test
    void freeingTrimsAtTheThresholdAndNotAByteBelow() {
        long topSize = topAfterFreeing(-1);
        assertEquals(topSize, topAfterFreeing(topSize + 1));
        assertTrue(topAfterFreeing(topSize) < topSize);
    }

    private long topAfterFreeing(long threshold) {
        Malloc heap =
                open(ON_BREAK.toBuilder().topPad(0).trimThreshold(threshold).build());
        heap.free(some(heap.malloc(100_000)));
        return top(heap).size();
    }

    @Test
    void trimLeavesMoreThanThePadAnd32Bytes() {
        Malloc heap = open(ON_BREAK);
        some(heap.malloc(24));
        long onePage = top(heap).size() - 32 - 4096;
        assertFalse(heap.mallocTrim(onePage));
        assertTrue(heap.mallocTrim(onePage - 1));
    }

    @Test
    void theListPointersOfAFreeChunkStayWhereAPageBeginsAmongThem() {
        Malloc heap = open(NO_TCACHE);
        some(heap.malloc(24));
        long next = top(heap).address();
        long page = (next & -4096) + 8192;
        // The next chunk is to begin 32 bytes before a page.
        some(heap.malloc(page - 32 - next - 8));
        long mem = apart(heap, 1, 20_000)[0];
        assertEquals(page - 16, mem);
        heap.free(mem);
        assertTrue(heap.mallocTrim(MIB));
        assertEquals(page + 4096, os.advice().getFirst().address());
        assertEquals(mem, heap.malloc(20_000));
    }

    @Test
    void freeingLessThan64KibDoesNotTrim() {
        FakeBreak fake = new FakeBreak();
        Malloc heap = open(fake, ON_BREAK.toBuilder().trimThreshold(0).topPad(0).build());
        long below = heap.malloc(65_000);
        long last = heap.malloc(60_000);
        long before = fake.current();
        heap.free(last);
        assertEquals(before, fake.current());
        heap.free(below);
        assertTrue(fake.current() < before);
    }

    @Test
    void aThresholdOfMinusOneNeverTrimsOnFree() {
        Malloc heap = open(ON_BREAK.toBuilder().trimThreshold(-1).build());
        long mem = heap.malloc(20 * MIB);
        long before = heap.breakNow();
        heap.free(mem);
        assertEquals(before, heap.breakNow());
        assertTrue(heap.mallocTrim(0), "but on demand");
    }

    @Test
    void malloptSetsPadAndThreshold() {
        FakeBreak fake = new FakeBreak();
        Malloc heap = open(fake, ON_BREAK);
        assertTrue(heap.mallopt(-2, 0));
        assertTrue(heap.mallopt(-1, 200_000));
        long mem = heap.malloc(100_000);
        assertEquals(102_400, fake.current() - fake.base());
        heap.free(mem);
        assertEquals(102_400, fake.current() - fake.base());
        heap.free(heap.malloc(300_000));
        assertEquals(4096, fake.current() - fake.base());
    }

    @Test
    void wholePagesInsideFreeChunksAreGivenBack() {
        Malloc heap = open(NO_TCACHE);
        long[] mem = apart(heap, 2, 30_000);
        heap.free(mem[0]);
        long chunk = mem[0] - 16;
        assertTrue(heap.mallocTrim(MIB));
        long first = chunk + 48 + 4095 & -4096;
        long end = chunk + chunkOf(heap, mem[0]).size() & -4096;
        assertEquals(List.of(new RecordingOs.Advice(first, end - first, Os.MADV_DONTNEED)), os.advice());
    }

    @Test
    void chunksInLargeBinsGiveTheirPagesToo() {
        Malloc heap = open(NO_TCACHE);
        long[] mem = apart(heap, 5, 12_000);
        freeAll(heap, mem);
        sortBins(heap);
        assertTrue(heap.mallocTrim(MIB));
        assertEquals(5, os.advice().size());
    }

    @Test
    void aChunkWithoutAWholePageGivesNothing() {
        Malloc heap = open(NO_TCACHE);
        freeAll(heap, apart(heap, 5, 4000));
        assertFalse(heap.mallocTrim(MIB));
        assertEquals(List.of(), os.advice());
    }

    @Test
    void aRefusedAdviceChangesNothing() {
        Malloc heap = open(NO_TCACHE);
        long[] mem = apart(heap, 2, 30_000);
        fill(mem[1], 30_000, 1);
        heap.free(mem[0]);
        os.failCall(1, true);
        assertTrue(heap.mallocTrim(MIB));
        os.healed();
        assertFilled(mem[1], 30_000, 1);
        assertEquals(mem[0], heap.malloc(30_000));
    }

    @Test
    void scatteredFreeBlocksAreGivenBackAndTheHeapKeepsWorking() {
        Malloc heap = open();
        long[] mem = several(heap, 200, 16_384);
        for (int i = 0; i < 199; i++) {
            fill(mem[i], 16_384, i);
        }
        fill(mem[199], 16_384, 199);
        for (int i = 0; i < 200; i += 2) {
            heap.free(mem[i]);
        }
        assertTrue(heap.mallocTrim(0));
        for (int i = 1; i < 200; i += 2) {
            assertFilled(mem[i], 16_384, i);
            heap.free(mem[i]);
        }
        assertTrue(heap.mallocTrim(0));
        some(heap.malloc(100_000));
    }
}
