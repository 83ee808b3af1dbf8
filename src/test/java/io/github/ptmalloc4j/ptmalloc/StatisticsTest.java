package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.ptmalloc.HeapChunk.State;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class StatisticsTest extends HeapTest {
    @Test
    void aFreshHeapHasNothingButATopOfSizeZero() {
        assertEquals(new Mallinfo2(0, 1, 0, 0, 0, 0, 0, 0, 0, 0), open().mallinfo2());
    }

    @Test
    void theFirstSmallRequestTakes132KibAndWhatItNeedsFromTheSystem() {
        Malloc heap = open();
        some(heap.malloc(24));
        assertEquals(135_168, heap.mallinfo2().arena());
        assertEquals(0x290 + 32, heap.mallinfo2().uordblks());
        assertEquals(135_168 - 0x290 - 32, heap.mallinfo2().keepcost());
    }

    @Test
    void whatTheNumbersSayIsWhatAWalkFinds() {
        Malloc heap = mixed();
        Mallinfo2 info = heap.mallinfo2();
        assertEquals(
                info.arena(),
                heap.walk().stream()
                        .filter(c -> c.state() != State.MMAPPED)
                        .mapToLong(HeapChunk::size)
                        .sum());
        assertEquals(bytes(heap, State.FAST), info.fsmblks());
        assertEquals(count(heap, State.FAST), info.smblks());
        assertEquals(
                count(heap, State.UNSORTED) + count(heap, State.SMALL) + count(heap, State.LARGE) + 1, info.ordblks());
        assertEquals(
                bytes(heap, State.FAST)
                        + bytes(heap, State.UNSORTED)
                        + bytes(heap, State.SMALL)
                        + bytes(heap, State.LARGE)
                        + bytes(heap, State.TOP),
                info.fordblks());
        assertEquals(bytes(heap, State.IN_USE) + bytes(heap, State.TCACHE), info.uordblks());
        assertEquals(bytes(heap, State.TOP), info.keepcost());
        assertEquals(bytes(heap, State.MMAPPED), info.hblkhd());
        assertEquals(2, info.hblks());
        assertEquals(0, info.usmblks());
    }

    /** A heap with chunks in every state. */
    private Malloc mixed() {
        Malloc heap = open();
        some(heap.malloc(60_000));
        several(heap, 2, MIB);
        long[] small = apart(heap, 9, 200);
        long[] large = apart(heap, 3, 3000);
        long unsorted = apart(heap, 1, 1500)[0];
        long[] fast = several(heap, 10, 40);
        freeAll(heap, small);
        freeAll(heap, large);
        sortBins(heap);
        freeAll(heap, fast);
        heap.free(unsorted);
        for (State state : State.values()) {
            assertTrue(state == State.FENCEPOST || count(heap, state) > 0, "no chunk is " + state);
        }
        return heap;
    }

    private static long bytes(Malloc heap, State state) {
        return heap.walk().stream()
                .filter(c -> c.state() == state)
                .mapToLong(HeapChunk::size)
                .sum();
    }

    @Test
    void aWalkIsInOrderOfAddressWithoutGaps() {
        Malloc heap = mixed();
        long expected = heap.breakStart();
        for (HeapChunk chunk : heap.walk()) {
            if (chunk.state() != State.MMAPPED) {
                assertEquals(expected, chunk.address());
                expected += chunk.size();
            }
        }
        assertEquals(heap.breakNow(), expected);
    }

    @Test
    void mallocInfoSaysTheSameAsMallinfo2() {
        Malloc heap = mixed();
        Mallinfo2 info = heap.mallinfo2();
        String xml = heap.mallocInfo();
        assertEquals(info.smblks(), number(xml, "<total type=\"fast\" count=\"(\\d+)\" size=\"\\d+\"/>"));
        assertEquals(info.fsmblks(), number(xml, "<total type=\"fast\" count=\"\\d+\" size=\"(\\d+)\"/>"));
        assertEquals(info.ordblks(), number(xml, "<total type=\"rest\" count=\"(\\d+)\" size=\"\\d+\"/>"));
        assertEquals(info.hblks(), number(xml, "<total type=\"mmap\" count=\"(\\d+)\" size=\"\\d+\"/>"));
        assertEquals(info.hblkhd(), number(xml, "<total type=\"mmap\" count=\"\\d+\" size=\"(\\d+)\"/>"));
        assertEquals(info.arena(), number(xml, "<system type=\"current\" size=\"(\\d+)\"/>"));
        assertEquals(info.arena(), number(xml, "<system type=\"max\" size=\"(\\d+)\"/>"));
        assertEquals(info.arena(), number(xml, "<aspace type=\"total\" size=\"(\\d+)\"/>"));
        assertEquals(info.arena(), number(xml, "<aspace type=\"mprotect\" size=\"(\\d+)\"/>"));
    }

    private static long number(String xml, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(xml);
        assertTrue(matcher.find(), pattern);
        return Long.parseLong(matcher.group(1));
    }

    @Test
    void mallocInfoCountsTheFlagOfAChunkInABinAsGlibcDoes() {
        Malloc heap = open(NO_TCACHE.toBuilder().mxfast(0).build());
        heap.free(apart(heap, 1, 72)[0]);
        sortBins(heap);
        assertTrue(heap.mallocInfo().contains("<size from=\"81\" to=\"81\" total=\"81\" count=\"1\"/>"));
    }

    @Test
    void mallocInfoGivesAFastBinTheRangeThatEndsAtItsSize() {
        Malloc heap = open(NO_TCACHE);
        freeAll(heap, several(heap, 2, 24));
        assertTrue(heap.mallocInfo().contains("<size from=\"17\" to=\"32\" total=\"64\" count=\"2\"/>"));
    }

    @Test
    void mallocInfoKeepsTheUnsortedApart() {
        Malloc heap = open(NO_TCACHE);
        heap.free(apart(heap, 1, 1000)[0]);
        assertTrue(heap.mallocInfo().contains("<unsorted from=\"1009\" to=\"1009\" total=\"1009\" count=\"1\"/>"));
    }

    @Test
    void theMostThatTheSystemGaveIsRemembered() {
        Malloc heap = open(Tunables.builder().mmapMax(0).build());
        long mem = heap.malloc(10 * MIB);
        long most = heap.mallinfo2().arena();
        heap.free(mem);
        assertTrue(heap.mallinfo2().arena() < most);
        assertEquals(most, number(heap.mallocInfo(), "<system type=\"max\" size=\"(\\d+)\"/>"));
    }

    @Test
    void inUseGrowsByAtLeastWhatWasAskedFor() {
        Malloc heap = open();
        some(heap.malloc(24));
        long before = heap.mallinfo2().uordblks();
        for (int bytes = 0; bytes < 1000; bytes++) {
            some(heap.malloc(bytes));
        }
        assertTrue(heap.mallinfo2().uordblks() - before >= 999 * 1000 / 2);
    }

    @Test
    void usableSizeIsTheChunkLessItsSizeWord() {
        Malloc heap = open();
        assertEquals(0, heap.mallocUsableSize(0));
        for (long bytes = 0; bytes < 3000; bytes += 7) {
            long mem = heap.malloc(bytes);
            assertEquals(Math.max(24, Math.ceilDiv(bytes + 8, 16) * 16 - 8), heap.mallocUsableSize(mem));
        }
    }

    @Test
    void aFreeChunkHasNoUsableBytes() {
        Malloc heap = open(NO_TCACHE);
        long mem = apart(heap, 1, 1000)[0];
        heap.free(mem);
        assertEquals(0, heap.mallocUsableSize(mem));
    }

    @Test
    void blocksAreAlignedTo16() {
        Malloc heap = open();
        for (int bytes = 0; bytes < 2000; bytes++) {
            assertEquals(0, some(heap.malloc(bytes)) % 16);
        }
    }
}
