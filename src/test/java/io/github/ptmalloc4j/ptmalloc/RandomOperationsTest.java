package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.os.MoreCore;
import io.github.ptmalloc4j.os.PrivateBreak;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * All calls in random order, with random sizes, on blocks that hold patterns of their own. What two blocks shared, or what
 * the heap wrote into a block, shows when the pattern is read again. Repeat a run with {@code -Dptmalloc4j.seed=N}.
 */
class RandomOperationsTest extends HeapTest {
    private static final int OPERATIONS = 25_000;
    private static final int HELD_AT_MOST = 400;

    private static final long SEED = Long.getLong("ptmalloc4j.seed", System.nanoTime());

    /** A block that the test holds. */
    private record Held(long mem, long bytes, int seed) {}

    private final Random random = new Random(SEED);
    private final List<Held> held = new ArrayList<>();
    private int seeds;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "tcache_count=0",
                "tcache_count=0:mxfast=0",
                "tcache_count=2:mxfast=160",
                "tcache_count=100:tcache_max=200",
                "tcache_max=65536",
                "tcache_count=2:tcache_max=5000:tcache_transfer=20000",
                "tcache_max=4194304:tcache_count=3:tcache_flush=2",
                "tcache_max=3000:perturb=85",
                "perturb=170",
                "perturb=1:tcache_count=0",
                "mmap_threshold=4096",
                "mmap_max=0",
                "mmap_max=3:trim_threshold=0",
                "top_pad=0:trim_threshold=0:mmap_max=0",
                "top_pad=0:trim_threshold=0:tcache_count=0:mxfast=0",
                "tcache_unsorted_limit=1",
                "trim_threshold=-1:top_pad=1048576"
            })
    void everyBlockKeepsItsContents(String tunables) {
        run(PrivateBreak.reserve(os, 1L << 32), tunables);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "mmap_max=0", "tcache_count=0:mmap_max=0:top_pad=0"})
    void alsoWhereTheBreakSoonGoesNoFurther(String tunables) {
        run(PrivateBreak.reserve(os, 300_000), tunables);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "mmap_max=0", "tcache_count=0:mmap_max=0:top_pad=0:trim_threshold=0"})
    void alsoWhereSomebodyElseMovesTheBreak(String tunables) {
        FakeBreak fake = new FakeBreak();
        Malloc heap = open(fake, Tunables.parse(tunables));
        System.out.println("random operations, somebody else on the break, " + tunables + ", seed " + SEED);
        for (int i = 0; i < OPERATIONS; i++) {
            if (random.nextInt(500) == 0 && fake.current() - fake.base() < FakeBreak.SIZE / 2) {
                fake.foreignSbrk(16 + random.nextInt(20_000));
            }
            step(heap, i);
        }
        freeAll(heap);
    }

    private void run(MoreCore moreCore, String tunables) {
        System.out.println("random operations, " + tunables + ", seed " + SEED);
        Malloc heap = open(moreCore, Tunables.parse(tunables));
        for (int i = 0; i < OPERATIONS; i++) {
            step(heap, i);
        }
        freeAll(heap);
        heap.mallocTrim(0);
        assertEquals(0, heap.mallinfo2().hblks());
    }

    private void step(Malloc heap, int i) {
        operation(heap);
        if (i % 400 == 0) {
            heap.check();
            numbersAgree(heap);
        }
    }

    private void freeAll(Malloc heap) {
        while (!held.isEmpty()) {
            free(heap);
        }
        heap.check();
    }

    private void numbersAgree(Malloc heap) {
        Mallinfo2 info = heap.mallinfo2();
        assertEquals(info.arena(), info.uordblks() + info.fordblks());
        long mapped = heap.walk().stream()
                .filter(chunk -> chunk.state() == HeapChunk.State.MMAPPED)
                .count();
        assertEquals(mapped, info.hblks());
    }

    private void operation(Malloc heap) {
        if (held.size() >= HELD_AT_MOST) {
            free(heap);
            return;
        }
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4 -> malloc(heap);
            case 5, 6, 7, 8, 9, 10, 11 -> free(heap);
            case 12, 13 -> calloc(heap);
            case 14, 15, 16 -> realloc(heap);
            case 17 -> aligned(heap);
            case 18 -> reallocFromOrToNothing(heap);
            default -> rare(heap);
        }
    }

    private long size() {
        return switch (random.nextInt(10)) {
            case 0, 1, 2, 3, 4 -> random.nextInt(150);
            case 5, 6, 7 -> random.nextInt(1200);
            case 8 -> random.nextInt(10_000);
            default -> random.nextInt(random.nextInt(8) == 0 ? 400_000 : 50_000);
        };
    }

    private void hold(Malloc heap, long mem, long bytes) {
        // Where two moves of a foreign break leave no room, 0 is an answer; it must not be held.
        if (mem != 0) {
            assertEquals(0, mem % 16);
            assertTrue(heap.mallocUsableSize(mem) >= bytes);
            int seed = seeds++;
            fill(mem, bytes, seed);
            held.add(new Held(mem, bytes, seed));
        }
    }

    private Held takeAny() {
        int at = random.nextInt(held.size());
        Held last = held.removeLast();
        Held block = at == held.size() ? last : held.set(at, last);
        assertFilled(block.mem, block.bytes, block.seed);
        return block;
    }

    private void malloc(Malloc heap) {
        long bytes = size();
        hold(heap, heap.malloc(bytes), bytes);
    }

    private void calloc(Malloc heap) {
        long bytes = size();
        int count = 1 + random.nextInt(4);
        long mem = heap.calloc(count, bytes / count);
        if (mem != 0) {
            assertZero(mem, bytes / count * count);
            hold(heap, mem, bytes / count * count);
        }
    }

    private void free(Malloc heap) {
        heap.free(held.isEmpty() ? 0 : takeAny().mem);
    }

    private void realloc(Malloc heap) {
        if (held.isEmpty()) {
            return;
        }
        Held old = takeAny();
        long bytes = 1 + (random.nextBoolean() ? size() : Math.max(0, old.bytes + random.nextInt(200) - 100));
        long mem = heap.realloc(old.mem, bytes);
        if (mem == 0) {
            assertFilled(old.mem, old.bytes, old.seed);
            held.add(old);
            return;
        }
        assertFilled(mem, Math.min(old.bytes, bytes), old.seed);
        hold(heap, mem, bytes);
    }

    private void reallocFromOrToNothing(Malloc heap) {
        if (random.nextBoolean() || held.isEmpty()) {
            long bytes = size();
            hold(heap, heap.realloc(0, bytes), bytes);
        } else {
            assertEquals(0, heap.realloc(takeAny().mem, 0));
        }
    }

    private void aligned(Malloc heap) {
        long bytes = size();
        long alignment = 8L << random.nextInt(12);
        long mem =
                switch (random.nextInt(4)) {
                    case 0 -> heap.memalign(alignment, bytes);
                    case 1 -> Math.max(0, heap.posixMemalign(alignment, bytes));
                    case 2 -> heap.valloc(bytes);
                    default -> heap.pvalloc(bytes);
                };
        assertEquals(0, mem % Math.min(alignment, 4096));
        hold(heap, mem, bytes);
    }

    private void rare(Malloc heap) {
        switch (random.nextInt(30)) {
            case 0 -> heap.mallocTrim(random.nextInt(200_000));
            case 1 -> heap.mallopt(-6, random.nextInt(256));
            case 2 -> heap.mallopt(1, random.nextInt(161));
            case 3 -> assertEquals(0, heap.malloc(Long.MAX_VALUE - random.nextInt(1000)));
            case 4 -> heap.mallocInfo();
            default -> pokeSpareBytes(heap);
        }
    }

    /** The bytes beyond the request are the user's too. */
    private void pokeSpareBytes(Malloc heap) {
        if (!held.isEmpty()) {
            Held block = held.get(random.nextInt(held.size()));
            long usable = heap.mallocUsableSize(block.mem);
            Memory.fill(block.mem + block.bytes, usable - block.bytes, (byte) 0xff);
        }
    }
}
