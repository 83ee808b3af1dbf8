package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.ptmalloc.HeapChunk.State;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What threads have cached: given back by their death or on request, left to busy arenas, purged when idle. */
class ThreadCachesTest extends HeapTest {
    private static final Tunables REMOTE =
            Tunables.builder().tcacheCount(0).remoteFrees(true).build();

    @Test
    void aThreadThatIsReleasedGivesItsBlocksBackTheLastFreedFirstAndItsTableLast() {
        Malloc heap = open();
        long[] mem = several(heap, 3, 24);
        long guard = some(heap.malloc(24));
        freeAll(heap, mem);
        heap.releaseThread();
        assertEquals(3, count(heap, State.FAST));
        assertEquals(0, count(heap, State.TCACHE));
        assertEquals(1, count(heap, State.IN_USE));
        assertEquals(State.IN_USE, stateOf(heap, guard));
        // The fast bin hands out what came last, and the new tcache is filled with the rest, so that it turns round.
        assertArrayEquals(new long[] {mem[0], mem[2], mem[1]}, several(heap, 3, 24));
    }

    @Test
    void aThreadThatWasReleasedBeginsAnew() {
        Malloc heap = open();
        OtherThread thread = another();
        long first = thread.call(() -> heap.malloc(2000));
        thread.run(() -> {
            heap.free(first);
            heap.releaseThread();
            heap.releaseThread();
        });
        assertEquals(0, heap.arenas.ring()[1].attachedThreads);
        assertEquals(first, thread.call(() -> heap.malloc(2000)));
        assertEquals(1, heap.arenas.ring()[1].attachedThreads);
    }

    @Test
    void theThreadThatIsLookedForFirstMayLeaveAndComeAgain() {
        Malloc heap = open();
        some(heap.malloc(24));
        assertCaches(heap);
        heap.releaseThread();
        assertCaches(heap);
        OtherThread thread = another();
        thread.run(() -> assertCaches(heap));
        assertCaches(heap);
    }

    @Test
    void twoThreadsThatShareAPlaceHaveEachTheirOwn() {
        Malloc heap = open();
        some(heap.malloc(24));
        OtherThread one = another();
        one.run(() -> assertCaches(heap));
        OtherThread two = withNumberLike(one);
        for (int i = 0; i < 3; i++) {
            two.run(() -> assertCaches(heap));
            one.run(() -> assertCaches(heap));
        }
        assertEquals(3, heap.threads.all().size());
    }

    /** Frees a block and gets it back, from a cache. */
    private void assertCaches(Malloc heap) {
        long mem = some(heap.malloc(40));
        long guard = some(heap.malloc(40));
        heap.free(mem);
        heap.free(guard);
        assertEquals(State.TCACHE, stateOf(heap, guard));
        assertEquals(guard, heap.malloc(40));
        assertEquals(mem, heap.malloc(40));
        heap.free(guard);
        heap.free(mem);
    }

    /** A thread whose number leads to the same place in the table. */
    private OtherThread withNumberLike(OtherThread one) {
        int place = Threads.place(one.thread().threadId());
        for (; ; ) {
            // Each thread that is made, and be it never started, has the next number.
            while (Threads.place(new Thread().threadId() + 1) != place) {}
            OtherThread two = another();
            two.run(() -> {});
            if (Threads.place(two.thread().threadId()) == place) {
                return two;
            }
        }
    }

    @Test
    void whatADeadThreadHadComesBackWhenAnArenaNeedsMemoryAndNotBefore() {
        Malloc heap = open();
        some(heap.malloc(24));
        OtherThread thread = another();
        thread.run(() -> freeAll(heap, several(heap, 3, 24)));
        thread.end();
        some(heap.malloc(100_000));
        assertEquals(3, count(heap, State.TCACHE));
        some(heap.malloc(100_000));
        assertEquals(0, count(heap, State.TCACHE));
        assertEquals(0, heap.arenas.ring()[1].attachedThreads);
    }

    @Test
    void whatADeadThreadHadMaySatisfyTheRequestThatFoundNothing() {
        Malloc heap = open(Tunables.builder().arenaMax(1).tcacheCount(200).build());
        OtherThread thread = another();
        thread.run(() -> freeAll(heap, several(heap, 120, 1032)));
        thread.end();
        long size = heap.mallinfo2().arena();
        some(heap.malloc(100_000));
        assertEquals(size, heap.mallinfo2().arena());
    }

    @Test
    void aBlockFreedWhileItsArenaIsBusyIsLeftThereAndFreedByTheNextRequest() {
        Malloc heap = open(REMOTE);
        OtherThread thread = another();
        long[] mem = thread.call(() -> apart(heap, 2, 2000));
        MallocState av = heap.arenas.ring()[1];
        av.lock.lock();
        try {
            another().run(() -> freeAll(heap, mem));
        } finally {
            av.lock.unlock();
        }
        assertEquals(State.IN_USE, stateOf(heap, mem[0]));
        assertEquals(State.IN_USE, stateOf(heap, mem[1]));
        some(thread.call(() -> heap.malloc(24)));
        assertEquals(2, count(heap, State.UNSORTED) + count(heap, State.SMALL) + count(heap, State.LARGE));
        long last = thread.call(() -> heap.malloc(2000));
        assertTrue(last == mem[0] || last == mem[1]);
    }

    @Test
    void aBlockFreedWhileItsArenaIsNotBusyIsFreedAtOnce() {
        Malloc heap = open(REMOTE);
        long mem = another().call(() -> apart(heap, 1, 2000)[0]);
        heap.free(mem);
        assertEquals(State.UNSORTED, stateOf(heap, mem));
    }

    @Test
    void aFullCacheGivesSeveralBackAtOnceTheLastFirst() {
        Malloc heap = open(Tunables.builder().tcacheCount(4).tcacheFlush(2).build());
        long[] mem = several(heap, 5, 24);
        freeAll(heap, mem);
        assertEquals(2, count(heap, State.FAST));
        assertEquals(State.FAST, stateOf(heap, mem[3]));
        assertEquals(State.FAST, stateOf(heap, mem[2]));
        assertArrayEquals(new long[] {mem[4], mem[1], mem[0]}, several(heap, 3, 24));
        heap.check();
    }

    @Test
    void aFullCacheGivesEachBlockBackToItsArena() {
        Malloc heap = open(Tunables.builder().tcacheCount(4).tcacheFlush(4).build());
        some(heap.malloc(24));
        OtherThread thread = another();
        long[] here = several(heap, 2, 24);
        long[] there = thread.call(() -> several(heap, 3, 24));
        freeAll(heap, new long[] {here[0], there[0], here[1], there[1], there[2]});
        assertEquals(4, count(heap, State.FAST));
        assertEquals(State.TCACHE, stateOf(heap, there[2]));
        assertEquals(there[0], thread.call(() -> heap.malloc(24)));
        heap.check();
    }

    @Test
    void aCacheThatIsNotAsLargeAsWhatIsToGoGivesBackAllItHas() {
        Malloc heap = open(Tunables.builder().tcacheCount(2).tcacheFlush(3).build());
        long[] mem = several(heap, 3, 24);
        freeAll(heap, mem);
        assertEquals(2, count(heap, State.FAST));
        assertEquals(State.TCACHE, stateOf(heap, mem[2]));
    }

    @Test
    void purgeFreesWhatWasLeftAtAnArena() {
        Malloc heap = open(REMOTE);
        long mem = another().call(() -> apart(heap, 1, 2000)[0]);
        MallocState av = heap.arenas.ring()[1];
        av.lock.lock();
        try {
            another().run(() -> heap.free(mem));
        } finally {
            av.lock.unlock();
        }
        assertTrue(IdlePurge.look(heap.arenas));
        assertTrue(IdlePurge.look(heap.arenas));
        assertEquals(State.UNSORTED, stateOf(heap, mem));
    }

    @Test
    void aTcacheThatDoesNotChangeBetweenTwoLooksIsEmptied() {
        Malloc heap = open();
        OtherThread thread = another();
        thread.run(() -> freeAll(heap, several(heap, 3, 24)));
        IdlePurge.look(heap.arenas);
        assertEquals(3, count(heap, State.TCACHE));
        IdlePurge.look(heap.arenas);
        assertEquals(0, count(heap, State.TCACHE));
        thread.run(() -> heap.free(some(heap.malloc(200))));
        assertEquals(1, count(heap, State.TCACHE));
    }

    @Test
    void aTcacheThatIsInUseIsNotEmptied() {
        Malloc heap = open();
        OtherThread thread = another();
        long[] mem = thread.call(() -> several(heap, 3, 24));
        for (int i = 0; i < 3; i++) {
            long freed = mem[i];
            thread.run(() -> heap.free(freed));
            IdlePurge.look(heap.arenas);
            assertEquals(i + 1, count(heap, State.TCACHE));
        }
    }

    @Test
    void aThreadInsideTheEngineKeepsItsTcache() {
        Malloc heap = open();
        freeAll(heap, several(heap, 3, 24));
        // This thread runs code of this package, which is how the engine tells.
        OtherThread looking = another();
        looking.run(() -> IdlePurge.look(heap.arenas));
        looking.run(() -> IdlePurge.look(heap.arenas));
        assertEquals(3, count(heap, State.TCACHE));
    }

    @Test
    void anIdleArenaIsTrimmedOnceUntilItIsUsedAgain() {
        Malloc heap = open(NO_TCACHE);
        OtherThread thread = another();
        long[] mem = thread.call(() -> apart(heap, 2, 50_000));
        thread.run(() -> heap.free(mem[0]));
        IdlePurge.look(heap.arenas);
        int before = os.advice().size();
        IdlePurge.look(heap.arenas);
        int trimmed = os.advice().size();
        assertTrue(trimmed > before);
        IdlePurge.look(heap.arenas);
        IdlePurge.look(heap.arenas);
        assertEquals(trimmed, os.advice().size());
        thread.run(() -> heap.free(mem[1]));
        IdlePurge.look(heap.arenas);
        IdlePurge.look(heap.arenas);
        assertTrue(os.advice().size() > trimmed);
    }

    @Test
    void purgeGivesDeadThreadsCachesBack() {
        Malloc heap = open();
        OtherThread thread = another();
        thread.run(() -> freeAll(heap, several(heap, 3, 24)));
        thread.end();
        IdlePurge.look(heap.arenas);
        assertEquals(0, count(heap, State.TCACHE));
    }

    @Test
    void aClosedHeapIsNotWorthALook() {
        Malloc heap = open();
        assertTrue(IdlePurge.look(heap.arenas));
        heap.close();
        assertFalse(IdlePurge.look(heap.arenas));
    }

    @Test
    @Timeout(60)
    void aThreadThatIsReleasedWhileItsTcacheIsEmptiedWaits() {
        Malloc heap = open();
        OtherThread thread = another();
        thread.run(() -> freeAll(heap, several(heap, 3, 24)));
        PerThread purged = perThread(heap, thread);
        purged.withholding.lock();
        Future<?> release;
        try {
            release = thread.start(() -> {
                heap.releaseThread();
                return null;
            });
            awaitQueued(purged, release);
        } finally {
            purged.withholding.unlock();
        }
        OtherThread.await(release);
        assertEquals(0, count(heap, State.TCACHE));
    }

    @Test
    @Timeout(60)
    void whoeverInheritsFromAThreadThatDiedWhileItsTcacheWasEmptiedWaits() {
        Malloc heap = open();
        OtherThread thread = another();
        thread.run(() -> freeAll(heap, several(heap, 3, 24)));
        PerThread purged = perThread(heap, thread);
        purged.withholding.lock();
        Future<Boolean> sweep;
        try {
            thread.end();
            sweep = another().start(heap.arenas::sweep);
            awaitQueued(purged, sweep);
        } finally {
            purged.withholding.unlock();
        }
        assertTrue(OtherThread.await(sweep));
        assertEquals(0, count(heap, State.TCACHE));
    }

    private static PerThread perThread(Malloc heap, OtherThread thread) {
        return heap.threads.all().stream()
                .filter(candidate -> candidate.liveThread() == thread.thread())
                .findFirst()
                .orElseThrow();
    }

    private static void awaitQueued(PerThread perThread, Future<?> waiting) {
        while (!perThread.withholding.hasQueuedThreads()) {
            assertFalse(waiting.isDone(), "it did not wait");
            Thread.onSpinWait();
        }
    }
}
