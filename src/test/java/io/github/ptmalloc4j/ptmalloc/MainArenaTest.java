package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.ptmalloc.HeapChunk.State;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The main arena on a break that others move too, that does not grow, or that does not do as it is told. */
class MainArenaTest extends HeapTest {
    private static final Tunables ON_BREAK = NO_TCACHE.toBuilder().mmapMax(0).build();

    private static final Tunables UNTRIMMED =
            ON_BREAK.toBuilder().trimThreshold(-1).build();

    private final FakeBreak fake = new FakeBreak();

    @Test
    void theFirstRequestMovesTheBreakByTheNeedThePadAndAChunkRoundedUpToPages() {
        Malloc heap = open(fake, ON_BREAK);
        some(heap.malloc(24));
        // The table of the tcache comes first: 0x290 + 131072 + 32, rounded up.
        assertEquals(List.of(135_168L, 0L), withZeros(fake.increments()));
        some(heap.malloc(24));
        assertEquals(135_168, fake.current() - fake.base());
    }

    /** The correction of an aligned break is a move by nothing: shown whether or not it reaches the break. */
    private static List<Long> withZeros(List<Long> increments) {
        return increments.size() == 1 ? List.of(increments.get(0), 0L) : increments;
    }

    @Test
    void aMisalignedBreakIsSteppedForwardAndItsEndRoundedUpToAPage() {
        fake.foreignSbrk(4096 * 3 + 40);
        Malloc heap = open(fake, ON_BREAK);
        long mem = heap.malloc(24);
        assertEquals(0, mem % 16);
        assertEquals(0, fake.current() % 4096);
        assertEquals(fake.current(), top(heap).address() + top(heap).size());
        assertEquals(fake.base() + 4096 * 3 + 48, heap.walk().get(0).address());
        assertEquals(
                fake.current() - (fake.base() + 4096 * 3 + 40), heap.mallinfo2().arena());
    }

    @Test
    void topGrowsInPlaceByWhatItLacks() {
        Malloc heap = open(fake, ON_BREAK);
        some(heap.malloc(24));
        long topSize = top(heap).size();
        long mem = heap.malloc(200_000);
        long lack = 200_016 + 131_072 + 32 - topSize;
        assertEquals(lack + 4095 & -4096, fake.increments().getLast());
        assertEquals(mem + 200_000, top(heap).address());
    }

    @Test
    void aForeignSbrkIsSteppedOverAndCounted() {
        Malloc heap = open(fake, UNTRIMMED);
        some(heap.malloc(24));
        long arena = heap.mallinfo2().arena();
        long foreign = fake.foreignSbrk(10_000);
        Memory.fill(foreign, 10_000, (byte) 0x77);
        long mem = heap.malloc(300_000);
        assertTrue(mem > foreign + 10_000);
        assertEquals(fake.current() - fake.base(), heap.mallinfo2().arena());
        assertTrue(heap.mallinfo2().arena() > arena + 10_000);
        Memory.fill(mem, 300_000, (byte) 1);
        assertBytes(0x77, foreign, 10_000);
        heap.check();
    }

    @Test
    void theOldTopEndsInTwoFencepostsAndItsRestIsFreed() {
        Malloc heap = open(fake, UNTRIMMED);
        some(heap.malloc(24));
        HeapChunk oldTop = top(heap);
        long foreign = fake.foreignSbrk(4096);
        some(heap.malloc(300_000));
        assertEquals(State.UNSORTED, stateOf(heap, oldTop.mem()));
        assertEquals(oldTop.size() - 32, chunkOf(heap, oldTop.mem()).size());
        assertEquals(16, Memory.getLong(foreign - 32 + 8) & ~1);
        assertEquals(17, Memory.getLong(foreign - 16 + 8));
        assertEquals(2, count(heap, State.FENCEPOST));
        assertEquals(oldTop.mem(), heap.malloc(1000), "the old top serves requests");
    }

    @Test
    void freeingTheOldTopMayTrimTheNewOneSoThatTheRequestFailsAsItDoesInGlibc() {
        Malloc heap = open(fake, ON_BREAK);
        some(heap.malloc(24));
        fake.foreignSbrk(4096);
        assertEquals(0, heap.malloc(300_000));
        assertEquals(274_432, heap.mallinfo2().arena());
        assertEquals(135_168, heap.mallinfo2().keepcost());
        some(heap.malloc(300_000));
    }

    @Test
    void theFirstFencepostKnowsThatTheRestBeforeItIsFree() {
        Malloc heap = open(fake, UNTRIMMED);
        some(heap.malloc(24));
        HeapChunk oldTop = top(heap);
        long foreign = fake.foreignSbrk(4096);
        some(heap.malloc(300_000));
        assertEquals(16, Memory.getLong(foreign - 32 + 8));
        assertEquals(oldTop.size() - 32, Memory.getLong(foreign - 32));
    }

    @Test
    void anOldTopTooSmallForAChunkLeavesOnlyFenceposts() {
        Malloc heap = open(fake, ON_BREAK);
        long free = 135_168 - 0x290 - 32;
        some(heap.malloc(free - 8));
        assertEquals(32, top(heap).size());
        fake.foreignSbrk(4096);
        some(heap.malloc(300_000));
        assertEquals(2, count(heap, State.FENCEPOST));
        assertEquals(0, count(heap, State.UNSORTED));
        heap.check();
    }

    @Test
    void aSmallOldTopGoesToTheTcache() {
        Malloc heap = open(fake, Tunables.builder().mmapMax(0).build());
        some(heap.malloc(135_168 - 0x290 - 112 - 8));
        assertEquals(112, top(heap).size());
        long oldTop = top(heap).mem();
        fake.foreignSbrk(4096);
        some(heap.malloc(300_000));
        assertEquals(State.TCACHE, stateOf(heap, oldTop));
        assertEquals(80, chunkOf(heap, oldTop).size());
    }

    @Test
    void chunksOnBothSidesOfAForeignPieceNeverMerge() {
        Malloc heap = open(fake, ON_BREAK);
        long below = heap.malloc(100_000);
        fake.foreignSbrk(4096);
        long above = heap.malloc(300_000);
        freeAll(heap, below, above);
        heap.check();
        assertTrue(chunkOf(heap, below).size() < 135_168);
        assertEquals(above, top(heap).mem());
    }

    @Test
    void theBreakIsNotTrimmedPastAForeignPieceAbove() {
        Malloc heap = open(fake, ON_BREAK);
        long mem = heap.malloc(MIB);
        fake.foreignSbrk(4096);
        long before = fake.current();
        heap.free(mem);
        assertEquals(before, fake.current());
        assertFalse(heap.mallocTrim(0));
        assertEquals(before, fake.current());
    }

    @Test
    void theBreakIsTrimmedAgainOnceTheForeignPieceIsGone() {
        Malloc heap = open(fake, ON_BREAK);
        long mem = heap.malloc(MIB);
        fake.foreignSbrk(4096);
        heap.free(mem);
        fake.foreignSbrk(-4096);
        assertTrue(heap.mallocTrim(0));
        assertEquals(fake.base() + 4096, fake.current());
    }

    @Test
    void aBreakThatStopsEarlyIsTakenAsItIs() {
        Malloc heap = open(fake, ON_BREAK);
        some(heap.malloc(24));
        fake.stopEarlyBy(8192);
        long arena = heap.mallinfo2().arena();
        long before = fake.current();
        assertTrue(heap.mallocTrim(0));
        assertEquals(before - fake.current(), arena - heap.mallinfo2().arena());
        assertEquals(fake.base() + 4096 + 8192, fake.current());
        assertEquals(fake.current(), top(heap).address() + top(heap).size());
    }

    @Test
    void aBreakThatDoesNotGoDownAtAllIsNoTrim() {
        Malloc heap = open(fake, ON_BREAK);
        some(heap.malloc(24));
        fake.stopEarlyBy(131_072);
        assertFalse(heap.mallocTrim(0));
        assertEquals(135_168, heap.mallinfo2().arena());
    }

    @Test
    void aBreakThatRefusesToGoDownIsNoTrim() {
        FakeBreak stubborn = new FakeBreak(os);
        Malloc heap = open(stubborn, ON_BREAK);
        long mem = heap.malloc(MIB);
        os.failCall(1, true);
        heap.free(mem);
        assertFalse(heap.mallocTrim(0));
        os.healed();
        heap.check();
        assertTrue(heap.mallocTrim(0));
    }

    @ParameterizedTest
    @CsvSource({
        // request, bytes mapped: the chunk, the pad and 32 bytes, rounded up to 1 MiB
        "24, 1048576",
        "900000, 1048576",
        "917408, 1048576",
        "917480, 2097152",
        "3000000, 3145728"
    })
    void aBreakThatCannotGrowIsReplacedByAMappingOfWholeMib(long request, long mapped) {
        Malloc heap = open(fake, ON_BREAK);
        fake.refuseGrowthBeyond(0);
        // An aligned block, because that makes no table of the tcache first; it takes 64 bytes more than the request.
        some(heap.memalign(32, request - 64 < 0 ? 0 : request - 64));
        assertEquals(mapped, mappedArea());
        assertEquals(mapped, heap.mallinfo2().arena());
    }

    @Test
    void theOldTopIsAddedToTheFirstSuchMapping() {
        Malloc heap = open(fake, ON_BREAK);
        some(heap.malloc(24));
        long topSize = top(heap).size();
        fake.refuseGrowthBeyond(0);
        // What is asked of the break lacks the old top; 1 MiB is exceeded only if that is added again.
        long request = MIB - 131_072;
        assertTrue(request + 131_072 + 4096 - topSize < MIB);
        some(heap.malloc(request));
        assertEquals(2 * MIB, mappedArea());
        assertEquals(135_168 + 2 * MIB, heap.mallinfo2().arena());
    }

    private long mappedArea() {
        return os.mappings().values().stream().mapToLong(Long::longValue).max().orElseThrow();
    }

    @Test
    void afterwardsTheArenaIsInPiecesAndMapsOnlyWhatItNeeds() {
        Malloc heap = open(fake, ON_BREAK);
        some(heap.malloc(24));
        fake.refuseGrowthBeyond(0);
        some(heap.malloc(2 * MIB));
        int before = os.mappings().size();
        long arena = heap.mallinfo2().arena();
        some(heap.malloc(3 * MIB));
        assertEquals(before + 1, os.mappings().size());
        // No longer contiguous: the old top is not subtracted, and the size is rounded up to a page only.
        assertEquals(
                3 * MIB + 16 + 131_072 + 32 + 4095 & -4096, heap.mallinfo2().arena() - arena);
    }

    @Test
    void theSmallestPieceIsNotAMibButWhatIsNeeded() {
        Malloc heap = open(fake, ON_BREAK.toBuilder().topPad(0).build());
        some(heap.malloc(24));
        fake.refuseGrowthBeyond(0);
        some(heap.malloc(MIB));
        leaveLittleInTop(heap);
        long arena = heap.mallinfo2().arena();
        some(heap.malloc(20_000));
        // 2.36 passes the minimum and the unit in the wrong order: the minimum is a page.
        assertEquals(20_016 + 32 + 4095 & -4096, heap.mallinfo2().arena() - arena);
    }

    private static void leaveLittleInTop(Malloc heap) {
        while (top(heap).size() > 20_000) {
            some(heap.malloc(Math.min(top(heap).size() - 10_000, 60_000)));
        }
    }

    @Test
    void aBreakThatGrowsAgainIsUsedAgainWithoutBeingContiguous() {
        Malloc heap = open(fake, UNTRIMMED);
        some(heap.malloc(24));
        fake.refuseGrowthBeyond(0);
        some(heap.malloc(2 * MIB));
        fake.refuseGrowthBeyond(32 * MIB);
        long breakBefore = fake.current();
        long mem = heap.malloc(3 * MIB);
        assertEquals(breakBefore + 16, mem);
        assertEquals(fake.current(), top(heap).address() + top(heap).size());
        heap.check();
    }

    @Test
    void withoutMemoryNothingChanges() {
        FakeBreak empty = new FakeBreak(os);
        Malloc heap = open(empty, ON_BREAK);
        some(heap.malloc(24));
        Mallinfo2 before = heap.mallinfo2();
        os.failCall(1, true);
        assertEquals(0, heap.malloc(200_000));
        os.healed();
        assertEquals(before, heap.mallinfo2());
        some(heap.malloc(200_000));
    }

    @Test
    void topBesideForeignMemoryIsUsedUpToItsEnd() {
        Malloc heap = open(fake, ON_BREAK);
        some(heap.malloc(24));
        fake.foreignSbrk(4096);
        long size = top(heap).size();
        long mem = heap.malloc(size - 32 - 8);
        assertEquals(32, top(heap).size());
        Memory.fill(mem, heap.mallocUsableSize(mem), (byte) 1);
    }

    @Test
    void aCorrectionThatFailsLeavesTopAsFarAsTheFirstMoveWent() {
        FakeBreak limited = new FakeBreak();
        Malloc heap = open(limited, UNTRIMMED.toBuilder().topPad(0).build());
        some(heap.malloc(24));
        heap.free(heap.malloc(100_000));
        long oldTop = top(heap).size();
        long foreign = limited.foreignSbrk(4096);
        long first = 150_016 + 32 - oldTop + 4095 & -4096;
        limited.refuseGrowthBeyond(first);
        // The old top was subtracted from the first move: what that brought is too small for the request.
        assertTrue(oldTop > 100_000 && oldTop < 150_000, "old top " + oldTop);
        assertEquals(0, heap.malloc(150_000));
        assertEquals(foreign + 4096, top(heap).address());
        assertEquals(first, top(heap).size());
        heap.check();
        some(heap.malloc(90_000));
    }

    @Test
    void closingClosesTheBreak() {
        Malloc heap = open(fake, ON_BREAK);
        some(heap.malloc(24));
        heap.close();
        assertTrue(fake.isClosed());
    }
}
