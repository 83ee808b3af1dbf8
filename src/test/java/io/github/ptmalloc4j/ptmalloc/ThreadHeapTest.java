package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.os.Os;
import io.github.ptmalloc4j.ptmalloc.HeapChunk.State;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The heaps of an arena that is not the main one. */
class ThreadHeapTest extends HeapTest {
    private static final long HEAP = 64 * MIB;
    private static final int READ_WRITE = Os.PROT_READ | Os.PROT_WRITE;

    /** No mappings for large requests. */
    private static final Tunables NO_MMAP =
            Tunables.builder().mmapThreshold(1L << 40).build();

    private static long heapOf(long mem) {
        return mem & -HEAP;
    }

    @Test
    void theFirstBlockOfASecondThreadLiesAt0xb70OfAHeapAlignedTo64Mib() {
        Malloc heap = open();
        long mem = another().call(() -> heap.malloc(24));
        assertEquals(0xb70, mem - heapOf(mem));
        assertEquals(HEAP, os.mappings().get(heapOf(mem)));
    }

    @Test
    void aHeapBeginsWithTheRequestTheTopPadAndWholePages() {
        Malloc heap = open();
        long mem = another().call(() -> heap.malloc(24));
        long size = 48 + 2200 + 16 + 640 + 131_072 + 4095 & -4096;
        assertEquals(size, HeapInfo.size(heapOf(mem)));
        assertTrue(os.protections().contains(new RecordingOs.Protection(heapOf(mem), size, READ_WRITE)));
    }

    @Test
    void aHeapBeginsWith32KibAtLeast() {
        Malloc heap = open(Tunables.builder().topPad(0).build());
        long mem = another().call(() -> heap.malloc(24));
        assertEquals(32 << 10, HeapInfo.size(heapOf(mem)));
    }

    @Test
    void aFirstRequestTooLargeForAHeapGetsAMappingAndAnEmptyArenaIsThereAllTheSame() {
        Malloc heap = open();
        long mem = another().call(() -> heap.memalign(32, 65 * MIB));
        assertEquals(State.MMAPPED, stateOf(heap, mem));
        assertEquals(2, heap.arenas.ring().length);
        long top = heap.arenas.ring()[1].top;
        assertEquals(48 + 2200 + 16 + 131_072 + 4095 & -4096, HeapInfo.size(heapOf(top)));
    }

    @Test
    void aHeapGrowsByMprotectAloneAndByNoMoreThanIsMissing() {
        Malloc heap = open();
        OtherThread thread = another();
        long first = thread.call(() -> heap.malloc(100_000));
        long base = heapOf(first);
        long size = HeapInfo.size(base);
        long missing = 32 + 100_016 - Chunk.chunkSize(heap.arenas.ring()[1].top);
        int mmaps = os.mmaps();
        long second = thread.call(() -> heap.malloc(100_000));
        long growth = missing + 4095 & -4096;
        assertEquals(base, heapOf(second));
        assertEquals(mmaps, os.mmaps());
        assertEquals(
                new RecordingOs.Protection(base + size, growth, READ_WRITE),
                os.protections().getLast());
        assertEquals(size + growth, HeapInfo.size(base));
    }

    private static List<Long> fillOneHeap(Malloc heap, OtherThread thread) {
        return thread.call(
                () -> List.of(some(heap.malloc(20 * MIB)), some(heap.malloc(20 * MIB)), some(heap.malloc(20 * MIB))));
    }

    @Test
    void aFullHeapIsFollowedByASecondThatStartsAtOffset48() {
        Malloc heap = open(NO_MMAP);
        OtherThread thread = another();
        long first = fillOneHeap(heap, thread).getFirst();
        long next = thread.call(() -> heap.malloc(20 * MIB));
        assertNotEquals(heapOf(first), heapOf(next));
        assertEquals(48 + 16, next - heapOf(next));
        assertEquals(heapOf(first), HeapInfo.prev(heapOf(next)));
    }

    @Test
    void whatWasTopOfAFullHeapIsFreedInFrontOfTwoFenceposts() {
        Malloc heap = open(NO_MMAP);
        OtherThread thread = another();
        long last = fillOneHeap(heap, thread).getLast();
        long rest = Chunk.nextChunk(last - 16);
        long restSize = HeapInfo.end(heapOf(last)) - rest - 32;
        thread.call(() -> heap.malloc(20 * MIB));
        assertEquals(State.UNSORTED, stateOf(heap, rest + 16));
        assertEquals(restSize, Chunk.chunkSize(rest));
        assertEquals(16, Chunk.chunkSize(rest + restSize));
        assertEquals(Chunk.PREV_INUSE, Chunk.sizeField(rest + restSize + 16));
        assertEquals(2, count(heap, State.FENCEPOST));
    }

    @Test
    void aSecondHeapThatIsEmptyIsUnmappedAndTheFirstHasItsTopBack() {
        Malloc heap = open(NO_MMAP);
        OtherThread thread = another();
        long last = fillOneHeap(heap, thread).getLast();
        long next = thread.call(() -> heap.malloc(20 * MIB));
        assertEquals(HEAP, os.mappings().get(heapOf(next)));
        thread.run(() -> heap.free(next));
        assertFalse(os.mappings().containsKey(heapOf(next)));
        assertEquals(Chunk.nextChunk(last - 16), heap.arenas.ring()[1].top);
        assertEquals(0, count(heap, State.FENCEPOST));
    }

    @Test
    void anEmptySecondHeapStaysWhereTheFirstHasNoRoomToGoOn() {
        Malloc heap = open(NO_MMAP);
        OtherThread thread = another();
        long last = fillOneHeap(heap, thread).getLast();
        long left = heapOf(last) + HEAP - Chunk.nextChunk(last - 16);
        some(thread.call(() -> heap.malloc(left - 65_536)));
        long next = thread.call(() -> heap.malloc(100_000));
        assertNotEquals(heapOf(last), heapOf(next));
        thread.run(() -> heap.free(next));
        assertEquals(HEAP, os.mappings().get(heapOf(next)));
        assertEquals(next - 16, heap.arenas.ring()[1].top);
    }

    /** Leaves a heap that has grown and was cut back; returns a block in it. */
    private long grownAndShrunk(Malloc heap, OtherThread thread) {
        long first = thread.call(() -> heap.malloc(24));
        long large = thread.call(() -> heap.malloc(MIB));
        assertEquals(heapOf(first), heapOf(large));
        thread.run(() -> heap.free(large));
        return first;
    }

    @Test
    void whatIsCutOffTopStaysAccessibleButGivesItsPagesBack() {
        Malloc heap = open(Tunables.builder()
                .mmapThreshold(1L << 40)
                .trimThreshold(131_072)
                .build());
        OtherThread thread = another();
        long base = heapOf(grownAndShrunk(heap, thread));
        long end = HeapInfo.end(base);
        long accessible = HeapInfo.mprotectSize(base);
        assertTrue(accessible > MIB && end < base + accessible);
        assertTrue(os.advice().contains(new RecordingOs.Advice(end, base + accessible - end, Os.MADV_DONTNEED)));
        int protections = os.protections().size();
        some(thread.call(() -> heap.malloc(MIB / 2)));
        assertEquals(protections, os.protections().size());
    }

    @Test
    void whereTheKernelCountsEveryAccessiblePageWhatIsCutOffTopIsMappedAnewAndMadeAccessibleAgain() {
        Malloc heap = open(Tunables.builder()
                .mmapThreshold(1L << 40)
                .trimThreshold(131_072)
                .build());
        heap.mp.strictOvercommit = true;
        OtherThread thread = another();
        long base = heapOf(grownAndShrunk(heap, thread));
        assertEquals(HeapInfo.size(base), HeapInfo.mprotectSize(base));
        assertTrue(HeapInfo.size(base) < MIB);
        long end = HeapInfo.end(base);
        some(thread.call(() -> heap.malloc(MIB / 2)));
        assertEquals(end, os.protections().getLast().address());
    }
}
