package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.os.PrivateBreak;
import io.github.ptmalloc4j.ptmalloc.HeapChunk.State;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Stacks that go from one thread's tcache to another's. */
class TransferCacheTest extends HeapTest {
    private static final Tunables TRANSFER =
            Tunables.builder().tcacheCount(3).tcacheTransfer(1000).build();

    @Test
    void whatOneThreadHasTooManyOfAnotherTakesTheLastFreedFirst() {
        Malloc heap = open(TRANSFER);
        OtherThread thread = another();
        long[] mem = several(heap, 5, 24);
        thread.run(() -> freeAll(heap, mem));
        assertEquals(5, count(heap, State.TCACHE));
        assertArrayEquals(new long[] {mem[2], mem[1], mem[0]}, several(heap, 3, 24));
        assertFalse(contains(mem, heap.malloc(24)), "the thread keeps the others");
        heap.check();
    }

    @Test
    void stacksOfOneSizeComeBackTheLastGivenFirst() {
        Malloc heap = open(TRANSFER);
        long[] mem = several(heap, 9, 24);
        freeElsewhere(heap, mem);
        assertEquals(9, count(heap, State.TCACHE));
        assertArrayEquals(new long[] {mem[5], mem[4], mem[3], mem[2], mem[1], mem[0]}, several(heap, 6, 24));
        assertEquals(3, count(heap, State.TCACHE));
    }

    @Test
    void whatNobodyElseWantsGoesToTheArena() {
        Malloc heap = open(TRANSFER);
        freeAll(heap, several(heap, 9, 24));
        assertEquals(3, count(heap, State.TCACHE));
        assertEquals(6, count(heap, State.FAST));
    }

    @Test
    void soDoesWhatThereIsNoRoomFor() {
        Malloc heap = open(TRANSFER);
        // Three of 304 bytes are 912.
        long[] mem = apart(heap, 7, 296);
        freeElsewhere(heap, mem);
        assertEquals(6, count(heap, State.TCACHE));
        assertEquals(1, count(heap, State.UNSORTED));
        heap.check();
    }

    @Test
    void itServesNeitherVirtualThreadsNorHeapsThatDoNotWantIt() throws InterruptedException {
        Malloc heap = open(TRANSFER);
        long[] mem = several(heap, 6, 24);
        freeElsewhere(heap, mem);
        AtomicLong virtual = new AtomicLong();
        Thread.ofVirtual().start(() -> virtual.set(heap.malloc(24))).join();
        assertFalse(contains(mem, some(virtual.get())));
        Malloc plain = open(Tunables.builder().tcacheCount(3).build());
        long[] blocks = several(plain, 4, 24);
        freeElsewhere(plain, blocks);
        assertEquals(1, count(plain, State.FAST));
    }

    @Test
    void freeingTwiceIsNoticedThereToo() {
        Malloc heap = open(TRANSFER);
        long[] mem = several(heap, 4, 24);
        freeElsewhere(heap, mem);
        HeapCorruption e = assertThrows(HeapCorruption.class, () -> heap.free(mem[1]));
        assertEquals("free(): double free detected in tcache 2", e.getMessage());
    }

    @Test
    void anOverwrittenLinkBetweenStacksIsNoticed() {
        Malloc heap = open(TRANSFER);
        long[] mem = several(heap, 7, 24);
        freeElsewhere(heap, mem);
        // On top of the stack that was given last.
        Memory.putLong(mem[5] + 16, mem[5] + 16 >>> 12 ^ (mem[0] + 8 << 16 | 1));
        HeapCorruption e = assertThrows(HeapCorruption.class, () -> heap.malloc(24));
        assertEquals("malloc(): unaligned tcache chunk detected", e.getMessage());
    }

    @Test
    void theSnapshotCountsItsBytes() {
        Malloc heap = open(TRANSFER);
        long[] mem = several(heap, 5, 40);
        long before = heap.snapshot().cached();
        freeElsewhere(heap, mem);
        assertEquals(5 * 48, heap.snapshot().cached() - before);
    }

    @Test
    void aPurgeEmptiesItWhenNothingCameOrWentSinceTheLast() {
        Malloc heap = open(TRANSFER);
        long[] mem = several(heap, 4, 24);
        freeElsewhere(heap, mem);
        OtherThread looking = another();
        looking.run(() -> IdlePurge.look(heap.arenas));
        assertEquals(4, count(heap, State.TCACHE));
        looking.run(() -> IdlePurge.look(heap.arenas));
        assertEquals(0, heap.arenas.transfer.bytes());
        assertEquals(0, count(heap, State.TCACHE));
    }

    @Test
    void trimEmptiesIt() {
        Malloc heap = open(TRANSFER);
        long[] mem = several(heap, 4, 24);
        freeElsewhere(heap, mem);
        assertEquals(3 * 32, heap.arenas.transfer.bytes());
        heap.mallocTrim(0);
        assertEquals(0, heap.arenas.transfer.bytes());
        assertEquals(1, count(heap, State.TCACHE));
    }

    @Test
    void itIsEmptiedBeforeARequestFindsNoMemory() {
        Tunables tunables = TRANSFER.toBuilder()
                .tcacheTransfer(1 << 20)
                .mmapMax(0)
                .topPad(0)
                .build();
        Malloc heap = open(PrivateBreak.reserve(os, 64 << 10), tunables);
        OtherThread thread = another();
        thread.run(() -> some(heap.malloc(24)));
        os.refuseMappingsLongerThan(0);
        long[] mem = several(heap, 30, 1000);
        thread.run(() -> {
            for (int i = mem.length - 1; i >= 0; i--) {
                heap.free(mem[i]); // The thread keeps the first three.
            }
        });
        assertEquals(27 * 1008, heap.arenas.transfer.bytes());
        some(heap.malloc(45_000));
        assertEquals(0, heap.arenas.transfer.bytes());
    }

    /** By a thread that has not used the heap before. */
    private void freeElsewhere(Malloc heap, long... blocks) {
        another().run(() -> freeAll(heap, blocks));
    }

    private static boolean contains(long[] blocks, long mem) {
        for (long block : blocks) {
            if (block == mem) {
                return true;
            }
        }
        return false;
    }
}
