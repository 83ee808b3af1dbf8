package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.ptmalloc.HeapChunk.State;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Statistics, walks and checks over more than one arena. */
class SeveralArenasTest extends HeapTest {
    /** A heap with three arenas, each with chunks in fast bins, in bins, cached and in use. */
    private Malloc mixed() {
        Malloc heap = open();
        fillArena(heap, 1);
        another().run(() -> fillArena(heap, 2));
        another().run(() -> fillArena(heap, 3));
        return heap;
    }

    private static void fillArena(Malloc heap, int seed) {
        long[] fast = several(heap, 9 + seed, 24);
        long[] large = apart(heap, 2 * seed, 3000);
        freeAll(heap, fast);
        freeAll(heap, large);
    }

    private static long bytes(List<HeapChunk> chunks, State... states) {
        return chunks.stream()
                .filter(chunk -> List.of(states).contains(chunk.state()))
                .mapToLong(HeapChunk::size)
                .sum();
    }

    @Test
    void mallinfo2AddsUpTheArenas() {
        Malloc heap = mixed();
        List<HeapChunk> chunks = heap.walk();
        Mallinfo2 info = heap.mallinfo2();
        long fromSystem = 0;
        for (MallocState av : heap.arenas.ring()) {
            fromSystem += av.systemMem;
        }
        assertEquals(fromSystem, info.arena());
        assertEquals(3 + 4 + 5, info.smblks());
        assertEquals(32 * info.smblks(), info.fsmblks());
        assertEquals(3 + 2 + 4 + 6, info.ordblks());
        assertEquals(bytes(chunks, State.FAST, State.UNSORTED, State.SMALL, State.LARGE, State.TOP), info.fordblks());
        assertEquals(info.arena() - info.fordblks(), info.uordblks());
        assertEquals(Chunk.chunkSize(heap.arenas.main.top), info.keepcost());
    }

    @Test
    void mallocInfoTellsOfEachArenaInTheOrderOfTheRingAndThenTheSum() {
        Malloc heap = mixed();
        String xml = heap.mallocInfo();
        Mallinfo2 info = heap.mallinfo2();
        String[] parts = xml.split("</heap>");
        assertEquals(4, parts.length);
        for (int nr = 0; nr < 3; nr++) {
            MallocState av = heap.arenas.ring()[nr];
            assertTrue(parts[nr].contains("<heap nr=\"%d\">".formatted(nr)), parts[nr]);
            assertEquals(av.systemMem, number(parts[nr], "<system type=\"current\" size=\"(\\d+)\"/>"));
            assertEquals(av.systemMem, number(parts[nr], "<aspace type=\"total\" size=\"(\\d+)\"/>"));
            assertEquals(nr > 0, parts[nr].contains("<aspace type=\"subheaps\" size=\"1\"/>"));
        }
        assertEquals(info.smblks(), number(parts[3], "<total type=\"fast\" count=\"(\\d+)\" size=\"\\d+\"/>"));
        assertEquals(info.ordblks(), number(parts[3], "<total type=\"rest\" count=\"(\\d+)\" size=\"\\d+\"/>"));
        assertEquals(info.arena(), number(parts[3], "<system type=\"current\" size=\"(\\d+)\"/>"));
        assertEquals(info.arena(), number(parts[3], "<aspace type=\"mprotect\" size=\"(\\d+)\"/>"));
    }

    private static long number(String xml, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(xml);
        assertTrue(matcher.find(), pattern);
        return Long.parseLong(matcher.group(1));
    }

    @Test
    void aWalkFindsTheChunksOfAllThreadsTheirCachesIncluded() {
        Malloc heap = mixed();
        List<HeapChunk> chunks = heap.walk();
        assertEquals(3, chunks.stream().filter(c -> c.state() == State.TOP).count());
        // Of each arena's fast-bin-sized blocks, seven are cached.
        assertEquals(
                3 * 7, chunks.stream().filter(c -> c.state() == State.TCACHE).count());
        for (MallocState av : heap.arenas.ring()) {
            assertTrue(chunks.stream().anyMatch(c -> c.state() == State.TOP && c.address() == av.top));
        }
    }

    @Test
    void aCheckFindsWhatIsWrongInAnyArena() {
        Malloc heap = mixed();
        for (MallocState av : heap.arenas.ring()) {
            long word = Chunk.sizeField(av.top);
            Memory.putLong(av.top + 8, word + 4096);
            assertThrows(AssertionError.class, heap::check);
            Memory.putLong(av.top + 8, word);
            heap.check();
        }
    }

    @Test
    void trimGivesTheFreePagesOfEveryArenaBack() {
        Malloc heap = open(NO_TCACHE);
        long theirs = another().call(() -> freedPages(heap));
        long ours = freedPages(heap);
        assertTrue(heap.mallocTrim(0));
        for (long mem : new long[] {ours, theirs}) {
            assertTrue(os.advice().stream().anyMatch(a -> a.address() > mem && a.address() < mem + 50_000));
        }
    }

    private static long freedPages(Malloc heap) {
        long mem = apart(heap, 1, 50_000)[0];
        heap.free(mem);
        return mem;
    }
}
