package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LargeRequestTest extends HeapTest {
    /** Sizes that no machine has: around SIZE_MAX, around PTRDIFF_MAX, and steps of 2^50 between them. */
    private static List<Long> impossibleSizes() {
        List<Long> sizes = new ArrayList<>();
        for (long below = 0; below < 300; below++) {
            sizes.add(-1 - below);
            sizes.add(Long.MAX_VALUE - below);
            sizes.add(Long.MIN_VALUE + below);
        }
        for (long i = 1; i < 1 << 14; i += 37) {
            sizes.add(i << 50);
            sizes.add((i << 50) - 1);
        }
        sizes.addAll(List.of(1L << 47, (1L << 47) - 4096, 1L << 48));
        return sizes;
    }

    private Malloc used() {
        Malloc heap = open();
        heap.free(some(heap.malloc(16)));
        return heap;
    }

    @Test
    void mallocFindsNoMemory() {
        Malloc heap = used();
        for (long size : impossibleSizes()) {
            assertEquals(0, heap.malloc(size), "malloc of " + size);
        }
        some(heap.malloc(100));
    }

    @Test
    void callocFindsNoMemory() {
        Malloc heap = used();
        for (long size : impossibleSizes()) {
            assertEquals(0, heap.calloc(1, size), "calloc of " + size);
            assertEquals(0, heap.calloc(size, 1), "calloc of " + size);
        }
        some(heap.calloc(1, 100));
    }

    @Test
    void reallocFindsNoMemoryAndLeavesTheBlock() {
        Malloc heap = used();
        long mem = heap.malloc(16);
        fill(mem, 16, 1);
        for (long size : impossibleSizes()) {
            assertEquals(0, heap.realloc(mem, size), "realloc to " + size);
        }
        assertFilled(mem, 16, 1);
    }

    @Test
    void memalignFindsNoMemory() {
        Malloc heap = used();
        for (long size : impossibleSizes()) {
            for (long alignment = 8; alignment > 0; alignment *= 32) {
                assertEquals(0, heap.memalign(alignment, size), "memalign of " + size + " to " + alignment);
            }
        }
    }

    @Test
    void posixMemalignFindsNoMemory() {
        Malloc heap = used();
        for (long size : impossibleSizes()) {
            assertEquals(-Malloc.ENOMEM, heap.posixMemalign(64, size), "posix_memalign of " + size);
        }
    }

    @Test
    void vallocAndPvallocFindNoMemory() {
        Malloc heap = used();
        for (long size : impossibleSizes()) {
            assertEquals(0, heap.valloc(size), "valloc of " + size);
            assertEquals(0, heap.pvalloc(size), "pvalloc of " + size);
        }
    }

    @Test
    void nothingIsMappedForThem() {
        Malloc heap = used();
        Mallinfo2 before = heap.mallinfo2();
        heap.malloc(Long.MAX_VALUE);
        heap.calloc(1, 1L << 60);
        heap.memalign(1L << 40, 1L << 50);
        assertEquals(before, heap.mallinfo2());
    }
}
