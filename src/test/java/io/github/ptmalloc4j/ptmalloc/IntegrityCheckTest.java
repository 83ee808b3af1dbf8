package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.os.PrivateBreak;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;

/** Each misdeed that glibc 2.36 notices, one corruption each, with the sentence that it dies with. */
@ExtendWith(WithoutAssertions.class)
class IntegrityCheckTest {
    private static final Tunables NO_TCACHE = HeapTest.NO_TCACHE;

    private static Malloc open(Tunables tunables) {
        return new Malloc(Linux.KERNEL, PrivateBreak.reserve(Linux.KERNEL, 1L << 30), tunables);
    }

    /** The misdeed is answered with the sentence, and so is each later call, whatever it is. */
    private static void assertBroken(Malloc heap, String sentence, Executable misdeed) {
        try (heap) {
            HeapCorruption e = assertThrows(HeapCorruption.class, misdeed);
            assertEquals(sentence, e.getMessage());
            assertNotUsedAgain(heap, e);
        }
    }

    private static void assertNotUsedAgain(Malloc heap, HeapCorruption first) {
        List<Executable> calls = List.of(
                () -> heap.malloc(24),
                () -> heap.malloc(1 << 20),
                () -> heap.calloc(1, 24),
                () -> heap.free(heap.breakStart() + 16),
                () -> heap.realloc(heap.breakStart() + 16, 24),
                () -> heap.realloc(0, 24),
                () -> heap.memalign(64, 24),
                () -> heap.memalign(8, 24),
                () -> heap.posixMemalign(64, 24),
                () -> heap.valloc(24),
                () -> heap.pvalloc(24),
                () -> heap.mallocUsableSize(heap.breakStart() + 16),
                () -> heap.mallocTrim(0),
                () -> heap.mallopt(1, 0),
                heap::mallinfo2,
                heap::mallocInfo,
                heap::walk,
                heap::check);
        for (Executable call : calls) {
            HeapCorruption later = assertThrows(HeapCorruption.class, call);
            assertNotSame(first, later);
            assertSame(first, later.getCause());
            assertTrue(later.getMessage().endsWith(first.getMessage()), later.getMessage());
        }
    }

    private static long[] apart(Malloc heap, int count, long bytes) {
        return HeapTest.apart(heap, count, bytes);
    }

    private static void sortBins(Malloc heap) {
        HeapTest.sortBins(heap);
    }

    private static void setSizeWord(long mem, long word) {
        Memory.putLong(mem - 8, word);
    }

    private static long sizeWord(long mem) {
        return Memory.getLong(mem - 8);
    }

    /** Makes the safe link of a block of the tcache, or of a chunk in a fast bin, lead somewhere. */
    private static void setLink(long mem, long target) {
        Memory.putLong(mem, mem >>> 12 ^ target);
    }

    private static void setFd(long mem, long chunk) {
        Memory.putLong(mem, chunk);
    }

    private static void setBk(long mem, long chunk) {
        Memory.putLong(mem + 8, chunk);
    }

    private static long topMem(Malloc heap) {
        return HeapTest.top(heap).mem();
    }

    @Test
    void unlinkSeesAFooterThatIsNotTheSize() {
        Malloc heap = open(NO_TCACHE);
        long mem = heap.malloc(200);
        long free = apart(heap, 1, 200)[0];
        heap.free(free);
        Memory.putLong(free - 16 + 208, 0x10);
        assertBroken(heap, "corrupted size vs. prev_size", () -> heap.free(mem));
    }

    @Test
    void unlinkSeesAForwardNeighbourThatDoesNotPointBack() {
        Malloc heap = open(NO_TCACHE);
        long mem = heap.malloc(200);
        long free = apart(heap, 1, 200)[0];
        heap.free(free);
        setFd(free, free - 16);
        assertBroken(heap, "corrupted double-linked list", () -> heap.free(mem));
    }

    @Test
    void unlinkSeesABackwardNeighbourThatDoesNotPointBack() {
        Malloc heap = open(NO_TCACHE);
        long mem = heap.malloc(200);
        long free = apart(heap, 1, 200)[0];
        heap.free(free);
        setBk(free, mem - 16);
        assertBroken(heap, "corrupted double-linked list", () -> heap.free(mem));
    }

    @Test
    void unlinkSeesASizeRingThatDoesNotPointBack() {
        Malloc heap = open(NO_TCACHE);
        long mem = heap.malloc(200);
        long free = apart(heap, 1, 1032)[0];
        heap.free(free);
        sortBins(heap);
        Memory.putLong(free + 16, mem - 16);
        assertBroken(heap, "corrupted double-linked list (not small)", () -> heap.free(mem));
    }

    @Test
    void aBreakBelowTopIsNoticed() {
        FakeBreak fake = new FakeBreak();
        Malloc heap =
                new Malloc(Linux.KERNEL, fake, NO_TCACHE.toBuilder().mmapMax(0).build());
        heap.malloc(24);
        fake.foreignSbrk(-8192);
        assertBroken(heap, "break adjusted to free malloc space", () -> heap.malloc(300_000));
    }

    @Test
    void aMappingOfNoWholePagesIsNotUnmapped() {
        Malloc heap = open(Tunables.GLIBC);
        long mem = heap.malloc(1 << 20);
        setSizeWord(mem, sizeWord(mem) + 16);
        assertBroken(heap, "munmap_chunk(): invalid pointer", () -> heap.free(mem));
    }

    @Test
    void aMappingThatDoesNotBeginOnAPageIsNotUnmapped() {
        Malloc heap = open(Tunables.GLIBC);
        long mem = heap.malloc(1 << 20);
        Memory.putLong(mem - 16, 16);
        setSizeWord(mem, sizeWord(mem) - 16);
        assertBroken(heap, "munmap_chunk(): invalid pointer", () -> heap.free(mem));
    }

    @Test
    void aPointerIntoAMappingAtAnImpossibleOffsetIsNotUnmapped() {
        Malloc heap = open(Tunables.GLIBC);
        long mem = heap.malloc(1 << 20);
        // 48 bytes into the page: consistent but no alignment that memalign makes.
        long inside = mem + 32;
        Memory.putLong(inside - 16, 32);
        setSizeWord(inside, sizeWord(mem) - 32);
        assertBroken(heap, "munmap_chunk(): invalid pointer", () -> heap.free(inside));
    }

    @Test
    void aBrokenMappingIsNotResized() {
        Malloc heap = open(Tunables.GLIBC);
        long mem = heap.malloc(1 << 20);
        setSizeWord(mem, sizeWord(mem) + 16);
        assertBroken(heap, "mremap_chunk(): invalid pointer", () -> heap.realloc(mem, 2 << 20));
    }

    @Test
    void anOverwrittenTcacheLinkIsSeenAsUnaligned() {
        Malloc heap = open(Tunables.GLIBC);
        long[] mem = HeapTest.several(heap, 2, 24);
        HeapTest.freeAll(heap, mem);
        setLink(mem[1], mem[0] + 8);
        assertEquals(mem[1], heap.malloc(24));
        assertBroken(heap, "malloc(): unaligned tcache chunk detected", () -> heap.malloc(24));
    }

    @Test
    void aSecondFreeInARowIsFoundInTheTcache() {
        Malloc heap = open(Tunables.GLIBC);
        long mem = heap.malloc(24);
        heap.free(mem);
        assertBroken(heap, "free(): double free detected in tcache 2", () -> heap.free(mem));
    }

    @Test
    void aSecondFreeIsFoundAtTheEndOfAFullTcache() {
        Malloc heap = open(Tunables.GLIBC);
        long[] mem = HeapTest.several(heap, 7, 24);
        HeapTest.freeAll(heap, mem);
        assertBroken(heap, "free(): double free detected in tcache 2", () -> heap.free(mem[0]));
    }

    @Test
    void reallocToNothingAfterFreeIsADoubleFree() {
        Malloc heap = open(Tunables.GLIBC);
        long mem = heap.malloc(24);
        heap.free(mem);
        assertBroken(heap, "free(): double free detected in tcache 2", () -> heap.realloc(mem, 0));
    }

    @Test
    void aTcacheListThatNeverEndsIsNoticed() {
        Malloc heap = open(Tunables.GLIBC);
        long[] mem = HeapTest.several(heap, 2, 24);
        heap.free(mem[0]);
        setLink(mem[0], mem[0]);
        Memory.putLong(mem[1] + 8, Memory.getLong(mem[0] + 8));
        assertBroken(heap, "free(): too many chunks detected in tcache", () -> heap.free(mem[1]));
    }

    @Test
    void aTcacheListLongerThanAllowedIsNoticed() {
        Malloc heap = open(Tunables.GLIBC);
        long[] mem = HeapTest.several(heap, 9, 24);
        HeapTest.freeAll(heap, Arrays.copyOf(mem, 7));
        setLink(mem[0], mem[7]);
        setLink(mem[7], 0);
        Memory.putLong(mem[8] + 8, Memory.getLong(mem[0] + 8));
        assertBroken(heap, "free(): too many chunks detected in tcache", () -> heap.free(mem[8]));
    }

    @Test
    void anUnalignedLinkIsNoticedWhenTheTcacheIsSearched() {
        Malloc heap = open(Tunables.GLIBC);
        long[] mem = HeapTest.several(heap, 3, 24);
        HeapTest.freeAll(heap, mem[0], mem[1]);
        setLink(mem[1], mem[0] + 8);
        Memory.putLong(mem[2] + 8, Memory.getLong(mem[1] + 8));
        assertBroken(heap, "free(): unaligned chunk detected in tcache 2", () -> heap.free(mem[2]));
    }

    @Test
    void anUnalignedPointerIsNotFreed() {
        Malloc heap = open(Tunables.GLIBC);
        long mem = heap.malloc(100);
        assertBroken(heap, "free(): invalid pointer", () -> heap.free(mem + 8));
    }

    @Test
    void aSizeThatWrapsIsNotFreed() {
        Malloc heap = open(Tunables.GLIBC);
        long mem = heap.malloc(100);
        setSizeWord(mem, -15);
        assertBroken(heap, "free(): invalid pointer", () -> heap.free(mem));
    }

    @Test
    void aChunkSmallerThanAnyIsNotFreed() {
        Malloc heap = open(Tunables.GLIBC);
        long mem = heap.malloc(100);
        setSizeWord(mem, 16 | 1);
        assertBroken(heap, "free(): invalid size", () -> heap.free(mem));
    }

    @Test
    void aSizeThatIsNoMultipleOf16IsNotFreed() {
        Malloc heap = open(Tunables.GLIBC);
        long mem = heap.malloc(100);
        setSizeWord(mem, 120 | 1);
        assertBroken(heap, "free(): invalid size", () -> heap.free(mem));
    }

    @Test
    void aPointerInsideABlockOfZerosIsNotFreed() {
        Malloc heap = open(Tunables.GLIBC);
        long mem = heap.calloc(1, 100);
        assertBroken(heap, "free(): invalid pointer", () -> heap.free(mem + 32));
    }

    @Test
    void aFastChunkBeforeAnImpossiblySmallOneIsNotFreed() {
        Malloc heap = open(NO_TCACHE);
        long[] mem = HeapTest.several(heap, 2, 24);
        setSizeWord(mem[1], 16);
        assertBroken(heap, "free(): invalid next size (fast)", () -> heap.free(mem[0]));
    }

    @Test
    void aFastChunkBeforeAnImpossiblyLargeOneIsNotFreed() {
        Malloc heap = open(NO_TCACHE);
        long[] mem = HeapTest.several(heap, 2, 24);
        setSizeWord(mem[1], heap.mallinfo2().arena() | 1);
        assertBroken(heap, "free(): invalid next size (fast)", () -> heap.free(mem[0]));
    }

    @Test
    void aSecondFreeInARowIsSeenAtTheTopOfTheFastBin() {
        Malloc heap = open(NO_TCACHE);
        long mem = heap.malloc(24);
        heap.free(mem);
        assertBroken(heap, "double free or corruption (fasttop)", () -> heap.free(mem));
    }

    @Test
    void anOldHeadOfAnotherSizeIsSeenByARemainderThatGoesToTheFastBin() {
        Malloc heap = open(NO_TCACHE);
        long mem = apart(heap, 1, 200)[0];
        long fast = heap.malloc(24);
        heap.free(fast);
        setSizeWord(fast, 48 | 1);
        assertBroken(heap, "invalid fastbin entry (free)", () -> heap.realloc(mem, 168));
    }

    @Test
    void anOldHeadOfAnotherSizeGoesUnnoticedWhenAUserFrees() {
        try (Malloc heap = open(NO_TCACHE)) {
            long[] mem = HeapTest.several(heap, 2, 24);
            heap.free(mem[0]);
            setSizeWord(mem[0], 48 | 1);
            heap.free(mem[1]);
            assertEquals(mem[1], heap.malloc(24));
        }
    }

    @Test
    void topIsNotFreed() {
        Malloc heap = open(NO_TCACHE);
        heap.malloc(24);
        long top = topMem(heap);
        assertBroken(heap, "double free or corruption (top)", () -> heap.free(top));
    }

    @Test
    void aChunkThatWouldReachBeyondTopIsNotFreed() {
        Malloc heap = open(NO_TCACHE);
        long mem = heap.malloc(200);
        setSizeWord(mem, 1 << 20 | 1);
        assertBroken(heap, "double free or corruption (out)", () -> heap.free(mem));
    }

    @Test
    void aChunkThatItsNeighbourKnowsAsFreeIsNotFreedAgain() {
        Malloc heap = open(NO_TCACHE);
        long mem = apart(heap, 1, 200)[0];
        heap.free(mem);
        assertBroken(heap, "double free or corruption (!prev)", () -> heap.free(mem));
    }

    @Test
    void aChunkBeforeAnImpossiblySmallOneIsNotFreed() {
        Malloc heap = open(NO_TCACHE);
        long[] mem = HeapTest.several(heap, 2, 200);
        setSizeWord(mem[1], 1);
        assertBroken(heap, "free(): invalid next size (normal)", () -> heap.free(mem[0]));
    }

    @Test
    void aChunkBeforeAnImpossiblyLargeOneIsNotFreed() {
        Malloc heap = open(NO_TCACHE);
        long[] mem = HeapTest.several(heap, 2, 200);
        setSizeWord(mem[1], heap.mallinfo2().arena() | 1);
        assertBroken(heap, "free(): invalid next size (normal)", () -> heap.free(mem[0]));
    }

    @Test
    void aPrevSizeThatLeadsToNoSuchChunkIsNoticedWhenMerging() {
        Malloc heap = open(NO_TCACHE);
        long[] mem = HeapTest.several(heap, 2, 200);
        heap.malloc(24);
        heap.free(mem[0]);
        Memory.putLong(mem[1] - 16, 32);
        assertBroken(heap, "corrupted size vs. prev_size while consolidating", () -> heap.free(mem[1]));
    }

    @Test
    void aBrokenUnsortedHeadIsNoticedByFree() {
        Malloc heap = open(NO_TCACHE);
        long[] mem = apart(heap, 2, 200);
        heap.free(mem[0]);
        setBk(mem[0], mem[0] - 16);
        assertBroken(heap, "free(): corrupted unsorted chunks", () -> heap.free(mem[1]));
    }

    @Test
    void anOverwrittenFastLinkIsSeenAsUnaligned() {
        Malloc heap = open(NO_TCACHE);
        long[] mem = HeapTest.several(heap, 2, 24);
        HeapTest.freeAll(heap, mem);
        setLink(mem[1], mem[0] - 8);
        assertEquals(mem[1], heap.malloc(24));
        assertBroken(heap, "malloc(): unaligned fastbin chunk detected 2", () -> heap.malloc(24));
    }

    @Test
    void anOverwrittenFastLinkIsSeenWhenStashing() {
        Malloc heap = open(Tunables.GLIBC);
        long[] mem = HeapTest.several(heap, 10, 24);
        HeapTest.freeAll(heap, mem);
        HeapTest.several(heap, 7, 24);
        setLink(mem[9], mem[8] - 8);
        assertBroken(heap, "malloc(): unaligned fastbin chunk detected 3", () -> heap.malloc(24));
    }

    @Test
    void aFastChunkOfAnotherSizeIsNotHandedOut() {
        Malloc heap = open(NO_TCACHE);
        long mem = heap.malloc(24);
        heap.free(mem);
        setSizeWord(mem, 48 | 1);
        assertBroken(heap, "malloc(): memory corruption (fast)", () -> heap.malloc(24));
    }

    @Test
    void aBrokenSmallBinIsNoticed() {
        Malloc heap = open(NO_TCACHE);
        long mem = apart(heap, 1, 200)[0];
        heap.free(mem);
        sortBins(heap);
        setBk(mem, mem - 16);
        assertBroken(heap, "malloc(): smallbin double linked list corrupted", () -> heap.malloc(200));
    }

    /** A heap with one unsorted chunk of 208 bytes and one in use behind it. */
    private static long unsorted(Malloc heap) {
        long mem = apart(heap, 1, 200)[0];
        heap.free(mem);
        return mem;
    }

    @Test
    void anUnsortedChunkSmallerThanAnyIsNoticed() {
        Malloc heap = open(NO_TCACHE);
        setSizeWord(unsorted(heap), 16 | 1);
        assertBroken(heap, "malloc(): invalid size (unsorted)", () -> heap.malloc(2000));
    }

    @Test
    void anUnsortedChunkLargerThanTheArenaIsNoticed() {
        Malloc heap = open(NO_TCACHE);
        setSizeWord(unsorted(heap), heap.mallinfo2().arena() + 16 | 1);
        assertBroken(heap, "malloc(): invalid size (unsorted)", () -> heap.malloc(2000));
    }

    @Test
    void anImpossiblySmallChunkBehindAnUnsortedOneIsNoticed() {
        Malloc heap = open(NO_TCACHE);
        setSizeWord(unsorted(heap) + 208, 8);
        assertBroken(heap, "malloc(): invalid next size (unsorted)", () -> heap.malloc(2000));
    }

    @Test
    void anImpossiblyLargeChunkBehindAnUnsortedOneIsNoticed() {
        Malloc heap = open(NO_TCACHE);
        setSizeWord(unsorted(heap) + 208, heap.mallinfo2().arena() + 16);
        assertBroken(heap, "malloc(): invalid next size (unsorted)", () -> heap.malloc(2000));
    }

    @Test
    void aFooterThatIsNotTheSizeOfTheUnsortedChunkIsNoticed() {
        Malloc heap = open(NO_TCACHE);
        Memory.putLong(unsorted(heap) - 16 + 208, 224);
        assertBroken(heap, "malloc(): mismatching next->prev_size (unsorted)", () -> heap.malloc(2000));
    }

    @Test
    void anUnsortedChunkThatDoesNotPointToTheBinIsNoticed() {
        Malloc heap = open(NO_TCACHE);
        long mem = unsorted(heap);
        setFd(mem, mem - 16);
        assertBroken(heap, "malloc(): unsorted double linked list corrupted", () -> heap.malloc(2000));
    }

    @Test
    void anUnsortedChunkWhoseBackwardNeighbourDoesNotPointToItIsNoticed() {
        Malloc heap = open(NO_TCACHE);
        long mem = unsorted(heap);
        setBk(mem, mem - 16);
        assertBroken(heap, "malloc(): unsorted double linked list corrupted", () -> heap.malloc(2000));
    }

    @Test
    void anUnsortedChunkThatItsNeighbourKnowsAsInUseIsNoticed() {
        Malloc heap = open(NO_TCACHE);
        long behind = unsorted(heap) + 208;
        setSizeWord(behind, sizeWord(behind) | 1);
        assertBroken(heap, "malloc(): invalid next->prev_inuse (unsorted)", () -> heap.malloc(2000));
    }

    @Test
    void aBrokenSizeRingIsNoticedByALargerChunk() {
        Malloc heap = open(NO_TCACHE);
        long smaller = apart(heap, 1, 1032)[0];
        long larger = apart(heap, 1, 1048)[0];
        long other = heap.malloc(200);
        heap.free(smaller);
        sortBins(heap);
        Memory.putLong(smaller + 24, other - 16);
        heap.free(larger);
        String sentence = "malloc(): largebin double linked list corrupted (nextsize)";
        assertBroken(heap, sentence, () -> heap.malloc(5000));
    }

    @Test
    void aBrokenLargeBinIsNoticedByALargerChunk() {
        Malloc heap = open(NO_TCACHE);
        long smaller = apart(heap, 1, 1032)[0];
        long larger = apart(heap, 1, 1048)[0];
        heap.free(smaller);
        sortBins(heap);
        setBk(smaller, smaller - 16);
        heap.free(larger);
        String sentence = "malloc(): largebin double linked list corrupted (bk)";
        assertBroken(heap, sentence, () -> heap.malloc(5000));
    }

    /** Makes the head of the unsorted list, which is empty, lead to a chunk that knows nothing of it. */
    private static long largeInBinAndBrokenUnsortedHead(Malloc heap) {
        long mem = apart(heap, 1, 5000)[0];
        long other = heap.malloc(200);
        heap.free(mem);
        long bin = Memory.getLong(mem);
        sortBins(heap);
        Memory.putLong(bin + 16, other - 16);
        return mem;
    }

    @Test
    void aBrokenUnsortedHeadIsNoticedByARemainderFromTheOwnBin() {
        Malloc heap = open(NO_TCACHE);
        largeInBinAndBrokenUnsortedHead(heap);
        assertBroken(heap, "malloc(): corrupted unsorted chunks", () -> heap.malloc(4800));
    }

    @Test
    void aBrokenUnsortedHeadIsNoticedByARemainderFromALargerBin() {
        Malloc heap = open(NO_TCACHE);
        largeInBinAndBrokenUnsortedHead(heap);
        assertBroken(heap, "malloc(): corrupted unsorted chunks 2", () -> heap.malloc(300));
    }

    @Test
    void aTopLargerThanAllMemoryIsNotUsed() {
        Malloc heap = open(NO_TCACHE);
        heap.malloc(24);
        setSizeWord(topMem(heap), -1);
        assertBroken(heap, "malloc(): corrupted top size", () -> heap.malloc(5000));
    }

    @Test
    void aTopThatDoesNotEndOnAPageIsNotExtended() {
        Malloc heap = open(NO_TCACHE);
        heap.malloc(24);
        setSizeWord(topMem(heap), 0x1010 | 1);
        HeapCorruption e = assertThrows(HeapCorruption.class, () -> heap.malloc(100_000));
        String prefix = "Fatal glibc error: malloc assertion failure in sysmalloc: ";
        assertTrue(e.getMessage().startsWith(prefix), e.getMessage());
        assertNotUsedAgain(heap, e);
        heap.close();
    }

    @Test
    void anOverwrittenFastLinkIsSeenWhenConsolidating() {
        Malloc heap = open(NO_TCACHE);
        long[] mem = apart(heap, 2, 24);
        HeapTest.freeAll(heap, mem);
        setLink(mem[1], mem[0] - 8);
        String sentence = "malloc_consolidate(): unaligned fastbin chunk detected";
        assertBroken(heap, sentence, () -> heap.malloc(2000));
    }

    @Test
    void aFastChunkOfAnotherSizeIsNotConsolidated() {
        Malloc heap = open(NO_TCACHE);
        long mem = apart(heap, 1, 24)[0];
        heap.free(mem);
        setSizeWord(mem, 48 | 1);
        assertBroken(heap, "malloc_consolidate(): invalid chunk size", () -> heap.malloc(2000));
    }

    @Test
    void aPrevSizeThatLeadsToNoSuchChunkIsNoticedWhenConsolidating() {
        Malloc heap = open(NO_TCACHE);
        long slow = heap.malloc(200);
        long fast = apart(heap, 1, 24)[0];
        HeapTest.freeAll(heap, slow, fast);
        Memory.putLong(fast - 16, 32);
        assertBroken(heap, "corrupted size vs. prev_size in fastbins", () -> heap.mallocTrim(0));
    }

    @Test
    void anUnalignedPointerIsNotResized() {
        Malloc heap = open(Tunables.GLIBC);
        long mem = heap.calloc(1, 100);
        assertBroken(heap, "realloc(): invalid pointer", () -> heap.realloc(mem + 8, 200));
    }

    @Test
    void aSizeThatWrapsIsNotResized() {
        Malloc heap = open(Tunables.GLIBC);
        long mem = heap.malloc(100);
        setSizeWord(mem, -15);
        assertBroken(heap, "realloc(): invalid pointer", () -> heap.realloc(mem, 200));
    }

    @Test
    void anImpossiblySmallChunkIsNotResized() {
        Malloc heap = open(Tunables.GLIBC);
        long mem = heap.malloc(100);
        setSizeWord(mem, 16);
        assertBroken(heap, "realloc(): invalid old size", () -> heap.realloc(mem, 200));
    }

    @Test
    void anImpossiblyLargeChunkIsNotResized() {
        Malloc heap = open(Tunables.GLIBC);
        long mem = heap.malloc(100);
        setSizeWord(mem, heap.mallinfo2().arena() | 1);
        assertBroken(heap, "realloc(): invalid old size", () -> heap.realloc(mem, 200));
    }

    @Test
    void aChunkBeforeAnImpossiblySmallOneIsNotResized() {
        Malloc heap = open(Tunables.GLIBC);
        long[] mem = HeapTest.several(heap, 2, 100);
        setSizeWord(mem[1], 16);
        assertBroken(heap, "realloc(): invalid next size", () -> heap.realloc(mem[0], 200));
    }

    @Test
    void aChunkBeforeAnImpossiblyLargeOneIsNotResized() {
        Malloc heap = open(Tunables.GLIBC);
        long[] mem = HeapTest.several(heap, 2, 100);
        setSizeWord(mem[1], heap.mallinfo2().arena() | 1);
        assertBroken(heap, "realloc(): invalid next size", () -> heap.realloc(mem[0], 200));
    }

    @Test
    void mallinfoSeesAnOverwrittenFastLink() {
        Malloc heap = open(NO_TCACHE);
        brokenFastLink(heap);
        assertBroken(heap, "int_mallinfo(): unaligned fastbin chunk detected", heap::mallinfo2);
    }

    @Test
    void mallocInfoSeesAnOverwrittenFastLink() {
        Malloc heap = open(NO_TCACHE);
        brokenFastLink(heap);
        assertBroken(heap, "__malloc_info(): unaligned fastbin chunk detected", heap::mallocInfo);
    }

    private static void brokenFastLink(Malloc heap) {
        long[] mem = HeapTest.several(heap, 2, 24);
        HeapTest.freeAll(heap, mem);
        setLink(mem[1], mem[0] - 8);
    }

    @Test
    void anOffByOneIntoTheSizeOfAFreedChunkIsNoticed() {
        Malloc heap = open(NO_TCACHE);
        long[] mem = HeapTest.several(heap, 2, 200);
        heap.malloc(24);
        heap.free(mem[1]);
        Memory.putByte(mem[0] + 200, (byte) 0xf1);
        assertBroken(heap, "malloc(): mismatching next->prev_size (unsorted)", () -> heap.malloc(2000));
    }

    @Test
    void theTunableCheckFindsWhatGlibcDoesNot() {
        Malloc heap = open(NO_TCACHE.toBuilder().check(1).build());
        long mem = apart(heap, 1, 200)[0];
        heap.free(mem);
        sortBins(heap);
        Memory.putLong(mem - 16 + 208, 224);
        try (heap) {
            assertThrows(AssertionError.class, () -> heap.malloc(5000));
        }
    }

    @Test
    void theTunableCheckIsQuietOnASoundHeap() {
        try (Malloc heap = open(Tunables.builder().check(3).build())) {
            long[] mem = apart(heap, 20, 500);
            HeapTest.freeAll(heap, mem);
            heap.calloc(100, 100);
            heap.realloc(heap.malloc(100), 3000);
            assertTrue(heap.mallocTrim(0));
        }
    }

    @Test
    void withoutTheTunableTheSameGoesUnnoticed() {
        try (Malloc heap = open(NO_TCACHE)) {
            long mem = apart(heap, 1, 200)[0];
            heap.free(mem);
            sortBins(heap);
            Memory.putLong(mem - 16 + 208, 224);
            HeapTest.some(heap.malloc(5000));
            assertThrows(AssertionError.class, heap::check);
        }
    }
}
