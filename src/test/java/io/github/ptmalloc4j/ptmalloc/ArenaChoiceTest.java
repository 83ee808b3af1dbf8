package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.ptmalloc.HeapChunk.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which arena serves which thread. */
class ArenaChoiceTest extends HeapTest {
    private static final int M_ARENA_MAX = -8;

    /** The number of the arena that serves a thread: 0 the main one, then in the order they were made. */
    private static int arenaOf(Malloc heap, OtherThread thread) {
        return thread.call(() -> ownArena(heap));
    }

    private static int ownArena(Malloc heap) {
        long p = Chunk.mem2chunk(some(heap.malloc(24)));
        return heap.arenas.ofChunk(p, Chunk.sizeField(p)).index;
    }

    @Test
    void theThreadThatMakesAHeapHasTheMainArena() {
        assertEquals(0, ownArena(open()));
    }

    @Test
    void eachNewThreadGetsANewArenaThatComesNextAfterTheMainOne() {
        Malloc heap = open();
        for (int i = 1; i <= 3; i++) {
            assertEquals(i, arenaOf(heap, another()));
        }
        assertEquals(
                List.of(0, 3, 2, 1),
                Arrays.stream(heap.arenas.ring()).map(av -> av.index).toList());
    }

    @Test
    void aThreadStaysWithItsArena() {
        Malloc heap = open();
        OtherThread thread = another();
        assertEquals(1, arenaOf(heap, thread));
        assertEquals(2, arenaOf(heap, another()));
        assertEquals(1, arenaOf(heap, thread));
        assertEquals(0, ownArena(heap));
    }

    @Test
    void beyondArenaMaxThreadsShareArenasInTurnTheMainOneFirst() {
        Malloc heap = open(Tunables.builder().arenaMax(3).build());
        assertEquals(1, arenaOf(heap, another()));
        assertEquals(2, arenaOf(heap, another()));
        List<Integer> shared = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            shared.add(arenaOf(heap, another()));
        }
        assertEquals(List.of(0, 2, 1, 0), shared);
        assertEquals(3, heap.arenas.ring().length);
    }

    @Test
    void anArenaThatIsBusyIsNotShared() {
        Malloc heap = open(Tunables.builder().arenaMax(2).build());
        assertEquals(1, arenaOf(heap, another()));
        heap.arenas.main.lock.lock();
        try {
            assertEquals(1, arenaOf(heap, another()));
        } finally {
            heap.arenas.main.lock.unlock();
        }
        assertEquals(0, arenaOf(heap, another()));
    }

    @Test
    void beyondArenaTestEightArenasACpuAreMade() {
        Malloc heap = open(Tunables.builder().arenaTest(1).build());
        int limit = 8 * KernelSettings.onlineCpus();
        for (int i = 1; i < limit; i++) {
            assertEquals(i, arenaOf(heap, another()));
        }
        assertEquals(0, arenaOf(heap, another()));
        assertEquals(limit, heap.arenas.ring().length);
    }

    @Test
    void theLimitIsWorkedOutOnce() {
        Malloc heap = open(Tunables.builder().arenaMax(2).build());
        assertEquals(1, arenaOf(heap, another()));
        assertTrue(heap.mallopt(M_ARENA_MAX, 10));
        assertEquals(0, arenaOf(heap, another()));
    }

    @Test
    void arenasThatThreadsHaveLeftServeNewThreadsTheLastOneLeftFirst() {
        Malloc heap = open();
        OtherThread[] threads = {another(), another(), another()};
        for (OtherThread thread : threads) {
            arenaOf(heap, thread);
        }
        for (OtherThread thread : threads) {
            thread.run(heap::releaseThread);
        }
        assertEquals(3, arenaOf(heap, another()));
        assertEquals(2, arenaOf(heap, another()));
        assertEquals(1, arenaOf(heap, another()));
        assertEquals(4, arenaOf(heap, another()));
    }

    @Test
    void theArenaOfADeadThreadServesTheNextNewOne() {
        Malloc heap = open();
        OtherThread dead = another();
        assertEquals(1, arenaOf(heap, dead));
        assertEquals(2, arenaOf(heap, another()));
        dead.end();
        assertEquals(1, arenaOf(heap, another()));
    }

    @Test
    void anArenaThatOneOfTwoThreadsHasLeftIsNotHandedOn() {
        Malloc heap = open(Tunables.builder().arenaMax(1).build());
        OtherThread leaving = another();
        assertEquals(0, arenaOf(heap, leaving));
        assertEquals(2, heap.arenas.main.attachedThreads);
        leaving.run(heap::releaseThread);
        assertEquals(1, heap.arenas.main.attachedThreads);
        assertEquals(0, arenaOf(heap, another()));
        assertEquals(2, heap.arenas.main.attachedThreads);
    }

    @Test
    void aHundredThreadsOneAfterTheOtherNeedOneArena() {
        Malloc heap = open();
        for (int i = 0; i < 100; i++) {
            OtherThread thread = another();
            assertEquals(1, arenaOf(heap, thread));
            thread.end();
        }
        assertEquals(2, heap.arenas.ring().length);
    }

    @Test
    void whenItsArenaHasNoMemoryAThreadIsServedByTheMainOneForOnce() {
        Malloc heap = open();
        some(heap.malloc(24));
        OtherThread thread = another();
        some(thread.call(() -> heap.malloc(100_000)));
        os.failCall(1, true);
        long mem = thread.call(() -> heap.malloc(60_000));
        assertTrue(os.faults() > 0);
        os.healed();
        assertEquals(0, chunkOf(heap, mem).flags() & 4);
        assertEquals(1, arenaOf(heap, thread));
    }

    @Test
    void whenTheMainArenaHasNoMemoryItsThreadMovesToAnother() {
        Malloc heap = open();
        some(heap.malloc(100_000));
        OtherThread left = another();
        assertEquals(1, arenaOf(heap, left));
        left.run(heap::releaseThread);
        os.failCall(1, true);
        long mem = heap.malloc(60_000);
        os.healed();
        assertEquals(4, chunkOf(heap, mem).flags() & 4);
        assertEquals(1, ownArena(heap));
        assertEquals(0, heap.arenas.main.attachedThreads);
    }

    @Test
    void callocAndMemalignAndReallocLookIntoAnotherArenaToo() {
        Malloc heap = open();
        some(heap.malloc(24));
        OtherThread thread = another();
        long own = thread.call(() -> heap.malloc(100_000));
        fill(own, 24, 7);
        os.failCall(1, true);
        long[] other = thread.call(
                () -> new long[] {heap.calloc(1, 40_000), heap.memalign(64, 40_000), heap.realloc(own, 45_000)});
        long grown = thread.call(() -> heap.realloc(some(heap.malloc(24)), 40_000));
        os.healed();
        assertEquals(0, sizeWord(some(other[0])) & 4);
        assertEquals(0, sizeWord(some(other[1])) & 4);
        assertEquals(own, other[2]);
        assertFilled(own, 24, 7);
        some(grown);
    }

    @Test
    void aThreadForWhichNoArenaCanBeMadeGetsAMappingForEachBlock() {
        Malloc heap = open();
        os.refuseMappingsLongerThan(32 * MIB);
        OtherThread thread = another();
        long mem = thread.call(() -> heap.malloc(24));
        assertEquals(1, heap.arenas.ring().length);
        assertEquals(State.MMAPPED, stateOf(heap, mem));
        assertEquals(4096, chunkOf(heap, mem).size());
        os.refuseMappingsLongerThan(Long.MAX_VALUE);
        assertEquals(1, arenaOf(heap, thread));
        thread.run(() -> heap.free(mem));
        assertFalse(heap.mp.mmappedChunks.contains(mem - 16));
    }

    @Test
    void aBlockGoesBackToItsArenaWhicheverThreadFreesIt() {
        Malloc heap = open(NO_TCACHE);
        OtherThread thread = another();
        long theirs = thread.call(() -> apart(heap, 1, 2000)[0]);
        long ours = apart(heap, 1, 2000)[0];
        heap.free(theirs);
        thread.run(() -> heap.free(ours));
        assertEquals(ours, heap.malloc(2000));
        assertEquals(theirs, thread.call(() -> heap.malloc(2000)));
    }

    @Test
    void virtualThreadsHaveNoTcacheAndShareTheArenasOfTheCpus() throws InterruptedException {
        Malloc heap = open();
        List<Long> blocks = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Thread virtual = Thread.startVirtualThread(() -> {
                blocks.add(some(heap.malloc(24)));
                heap.free(some(heap.malloc(200)));
            });
            virtual.join();
        }
        assertEquals(0x8e0, blocks.getFirst() & 64 * MIB - 1);
        assertEquals(0, count(heap, State.TCACHE));
        assertEquals(0, heap.walk().stream().filter(c -> c.size() == 0x290).count());
        assertTrue(heap.arenas.ring().length <= 1 + Runtime.getRuntime().availableProcessors());
        blocks.forEach(heap::free);
    }
}
