package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.os.PrivateBreak;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What one thread breaks is broken for all. */
@ExtendWith(WithoutAssertions.class)
class StoppedHeapTest {
    private static Malloc open(Tunables tunables) {
        return new Malloc(Linux.KERNEL, PrivateBreak.reserve(Linux.KERNEL, 1L << 30), tunables);
    }

    @Test
    void whatOneThreadBreaksStopsTheOthersTheirCachesIncluded() {
        OtherThread thread = new OtherThread();
        try (Malloc heap = open(Tunables.GLIBC)) {
            thread.run(() -> HeapTest.freeAll(heap, HeapTest.several(heap, 3, 24)));
            long mem = heap.malloc(24);
            heap.free(mem);
            assertThrows(HeapCorruption.class, () -> heap.free(mem));
            assertThrows(HeapCorruption.class, () -> thread.call(() -> heap.malloc(24)));
            assertThrows(HeapCorruption.class, () -> thread.run(heap::releaseThread));
            assertFalse(IdlePurge.look(heap.arenas));
        } finally {
            thread.end();
        }
    }

    @Test
    void aCachedBlockOutOfLineIsNoticedWhenItsThreadLeaves() {
        OtherThread thread = new OtherThread();
        try (Malloc heap = open(Tunables.GLIBC)) {
            thread.run(() -> {
                long[] mem = HeapTest.several(heap, 2, 24);
                HeapTest.freeAll(heap, mem);
                Memory.putLong(mem[1], mem[1] >>> 12 ^ mem[0] + 8);
            });
            HeapCorruption e = assertThrows(HeapCorruption.class, () -> thread.run(heap::releaseThread));
            assertEquals("tcache_thread_shutdown(): unaligned tcache chunk detected", e.getMessage());
        } finally {
            thread.end();
        }
    }

    @Test
    void aBrokenChunkThatWasLeftAtABusyArenaDoesNotKeepItLocked() {
        OtherThread thread = new OtherThread();
        OtherThread other = new OtherThread();
        Tunables remote = Tunables.builder().tcacheCount(0).remoteFrees(true).build();
        try (Malloc heap = open(remote)) {
            long mem = thread.call(() -> HeapTest.apart(heap, 1, 2000)[0]);
            MallocState av = heap.arenas.ring()[1];
            av.lock.lock();
            try {
                other.run(() -> heap.free(mem));
                Memory.putLong(mem - 16 + Chunk.chunkSize(mem - 16) + 8, 0);
            } finally {
                av.lock.unlock();
            }
            assertThrows(HeapCorruption.class, () -> thread.call(() -> heap.malloc(24)));
            assertFalse(av.lock.isLocked());
        } finally {
            List.of(thread, other).forEach(OtherThread::end);
        }
    }

    @Test
    void aClosedHeapRefusesThreadsThatHaveCachedBlocks() {
        OtherThread thread = new OtherThread();
        Malloc heap = open(Tunables.GLIBC);
        thread.run(() -> HeapTest.freeAll(heap, HeapTest.several(heap, 3, 24)));
        heap.close();
        assertThrows(IllegalStateException.class, () -> thread.call(() -> heap.malloc(24)));
        assertThrows(IllegalStateException.class, () -> new OtherThread().call(() -> heap.malloc(24)));
        thread.end();
        assertTrue(heap.threads.anyDead());
    }
}
