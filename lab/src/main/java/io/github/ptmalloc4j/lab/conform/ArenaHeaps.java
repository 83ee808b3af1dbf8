package io.github.ptmalloc4j.lab.conform;

import io.github.ptmalloc4j.os.Memory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Names for the heaps of arenas, the same on both sides wherever the kernel put them: the arena is the how manieth of which
 * a chunk was seen, the heap is the one that so many others of its arena were filled before.
 *
 * <pre>
 *   63                      32 31                       0
 *   │ heaps filled before    │ arenas seen before       │
 * </pre>
 */
final class ArenaHeaps {
    /** Bytes of a heap, and its alignment. */
    static final long HEAP = 64L << 20;

    /** Where a heap keeps the address of the one before it: bytes from its start. */
    private static final long PREV = 8;

    private final List<Long> arenas = new ArrayList<>();
    private final Map<Long, Long> heapOf = new HashMap<>();

    /** The name of the heap in which a block of an arena lies. */
    long name(long mem) {
        long heap = mem & -HEAP;
        long first = heap;
        long before = 0;
        for (long prev = Memory.getLong(first + PREV); prev != 0; prev = Memory.getLong(first + PREV)) {
            first = prev;
            before++;
        }
        if (!arenas.contains(first)) {
            arenas.add(first);
        }
        long name = before << 32 | arenas.indexOf(first);
        heapOf.put(name, heap);
        return name;
    }

    /** Where the heap with this name was when it was last seen; 0 if it never was. */
    long address(long name) {
        return heapOf.getOrDefault(name, 0L);
    }

    /** A name in words. */
    static String text(long name) {
        return "heap %d of arena %d".formatted((name >>> 32) + 1, (int) name + 1);
    }
}
