package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.os.MoreCore;
import io.github.ptmalloc4j.os.PrivateBreak;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.AfterEach;

/** What tests of a heap share: heaps that are checked and closed afterwards, and a look at single chunks. */
abstract class HeapTest {
    /** No tcache: every call reaches the arena. */
    static final Tunables NO_TCACHE = Tunables.builder().tcacheCount(0).build();

    static final long MIB = 1L << 20;

    final RecordingOs os = new RecordingOs();
    private final List<Malloc> heaps = new ArrayList<>();
    private final List<OtherThread> threads = new ArrayList<>();

    final Malloc open() {
        return open(Tunables.GLIBC);
    }

    final Malloc open(Tunables tunables) {
        return open(PrivateBreak.reserve(os, 1L << 32), tunables);
    }

    final Malloc open(MoreCore moreCore, Tunables tunables) {
        Malloc heap = new Malloc(os, moreCore, tunables);
        heaps.add(heap);
        return heap;
    }

    /** A platform thread that has not used any heap. */
    final OtherThread another() {
        OtherThread thread = new OtherThread();
        threads.add(thread);
        return thread;
    }

    @AfterEach
    final void everyHeapIsSoundAndLeavesNothing() {
        threads.forEach(OtherThread::end);
        for (Malloc heap : heaps) {
            try (heap) {
                checkUnlessBroken(heap);
            }
        }
        assertEquals(0, os.mappings().size(), "mappings left behind");
    }

    private static void checkUnlessBroken(Malloc heap) {
        try {
            heap.check();
        } catch (HeapCorruption | IllegalStateException e) {
            // The test has broken or closed this heap.
        }
    }

    /** Several blocks of one size, each followed by a small one in use, so that they never merge when freed. */
    static long[] apart(Malloc heap, int count, long bytes) {
        long[] blocks = new long[count];
        for (int i = 0; i < count; i++) {
            blocks[i] = some(heap.malloc(bytes));
            some(heap.malloc(24));
        }
        return blocks;
    }

    static long[] several(Malloc heap, int count, long bytes) {
        long[] blocks = new long[count];
        for (int i = 0; i < count; i++) {
            blocks[i] = some(heap.malloc(bytes));
        }
        return blocks;
    }

    static void freeAll(Malloc heap, long... blocks) {
        for (long mem : blocks) {
            heap.free(mem);
        }
    }

    /** A request that no free chunk of these tests satisfies: it makes the heap file everything unsorted. */
    static void sortBins(Malloc heap) {
        some(heap.malloc(60_000));
    }

    static long some(long mem) {
        assertNotEquals(0, mem, "no memory");
        return mem;
    }

    static HeapChunk chunkOf(Malloc heap, long mem) {
        return heap.walk().stream()
                .filter(chunk -> chunk.mem() == mem)
                .findFirst()
                .orElseThrow(() -> new NoSuchElementException("no chunk begins at the block 0x%x".formatted(mem)));
    }

    static HeapChunk.State stateOf(Malloc heap, long mem) {
        return chunkOf(heap, mem).state();
    }

    static long count(Malloc heap, HeapChunk.State state) {
        return heap.walk().stream().filter(chunk -> chunk.state() == state).count();
    }

    static HeapChunk top(Malloc heap) {
        return heap.walk().stream()
                .filter(chunk -> chunk.state() == HeapChunk.State.TOP)
                .findFirst()
                .orElseThrow();
    }

    /** The size word in front of a block. */
    static long sizeWord(long mem) {
        return Memory.getLong(mem - 8);
    }

    static void fill(long mem, long bytes, int seed) {
        for (long i = 0; i < bytes; i++) {
            Memory.putByte(mem + i, pattern(seed, i));
        }
    }

    static void assertFilled(long mem, long bytes, int seed) {
        for (long i = 0; i < bytes; i++) {
            if (Memory.getByte(mem + i) != pattern(seed, i)) {
                throw new AssertionError("byte %d of the block at 0x%x (seed %d) was changed".formatted(i, mem, seed));
            }
        }
    }

    private static byte pattern(int seed, long i) {
        return (byte) (seed * 31 + i * 7 + (i >>> 8));
    }

    static void assertBytes(int value, long mem, long bytes) {
        for (long i = 0; i < bytes; i++) {
            if (Memory.getByte(mem + i) != (byte) value) {
                throw new AssertionError("byte %d of the block at 0x%x is %d, not %d"
                        .formatted(i, mem, Memory.getByte(mem + i), (byte) value));
            }
        }
    }

    static void assertZero(long mem, long bytes) {
        assertBytes(0, mem, bytes);
    }
}
