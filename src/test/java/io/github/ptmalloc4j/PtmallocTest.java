package io.github.ptmalloc4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.os.ProgramBreak;
import io.github.ptmalloc4j.ptmalloc.HeapChunk;
import io.github.ptmalloc4j.ptmalloc.HeapCorruption;
import io.github.ptmalloc4j.ptmalloc.Malloc;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PtmallocTest {
    private static final long MIB = 1L << 20;

    @Test
    void aBlockIsWrittenGrownAndFreed() {
        try (Ptmalloc heap = Ptmalloc.create()) {
            long mem = heap.malloc(100);
            Memory.putLong(mem, 42);
            mem = heap.realloc(mem, 1000);
            assertEquals(42, Memory.getLong(mem));
            heap.free(mem);
            heap.check();
        }
    }

    @Test
    void freeingNothingIsIgnored() {
        try (Ptmalloc heap = Ptmalloc.create()) {
            heap.free(0);
            assertEquals(0, heap.mallinfo2().arena());
        }
    }

    @Test
    void everyCallOfMallocIsThere() {
        try (Ptmalloc heap = Ptmalloc.create()) {
            assertNotEquals(0, heap.malloc(1));
            assertNotEquals(0, heap.calloc(3, 5));
            assertNotEquals(0, heap.realloc(0, 7));
            assertEquals(0, heap.memalign(64, 10) % 64);
            assertEquals(0, heap.alignedAlloc(128, 10) % 128);
            assertEquals(0, heap.posixMemalign(256, 10) % 256);
            assertEquals(0, heap.valloc(10) % 4096);
            assertEquals(0, heap.pvalloc(10) % 4096);
            assertEquals(24, heap.mallocUsableSize(heap.malloc(10)));
            assertTrue(heap.mallocTrim(0));
            assertTrue(heap.mallopt(1, 64));
            assertTrue(heap.mallinfo2().arena() > 0);
            assertTrue(heap.mallocInfo().startsWith("<malloc version=\"1\">"));
            assertEquals(heap.breakNow() - heap.breakStart(), heap.mallinfo2().arena());
            assertEquals(131_072, heap.mmapThreshold());
            assertEquals(131_072, heap.trimThreshold());
            assertEquals(heap.breakStart(), heap.walk().get(0).address());
        }
    }

    @Test
    void alignedAllocTakesAnyAlignmentAndSizeAsGlibc236Does() {
        try (Ptmalloc heap = Ptmalloc.create()) {
            assertEquals(0, heap.alignedAlloc(48, 10) % 64);
        }
    }

    @Test
    void heapsDoNotKnowEachOther() {
        try (Ptmalloc one = Ptmalloc.create();
                Ptmalloc two = Ptmalloc.create()) {
            long mem = one.malloc(100);
            Memory.fill(mem, 100, (byte) 1);
            one.free(mem);
            assertEquals(0, two.mallinfo2().arena());
            assertNotEquals(mem, two.malloc(100));
        }
    }

    @Test
    void theSameCallsGiveTheSameAddressesFromTheStartOfTheBreak() {
        try (Ptmalloc one = Ptmalloc.create();
                Ptmalloc two = Ptmalloc.create()) {
            for (int i = 0; i < 1000; i++) {
                long a = one.malloc(i * 17 % 900);
                long b = two.malloc(i * 17 % 900);
                assertEquals(a - one.breakStart(), b - two.breakStart());
                if (i % 3 == 0) {
                    one.free(a);
                    two.free(b);
                }
            }
        }
    }

    @Test
    void whatDoesNotFitInTheReservationIsMappedElsewhere() {
        try (Ptmalloc heap = Ptmalloc.create(Tunables.GLIBC, 256 << 10)) {
            for (int i = 0; i < 50; i++) {
                long mem = heap.malloc(60_000);
                assertNotEquals(0, mem);
                Memory.fill(mem, 60_000, (byte) i);
            }
            heap.check();
            assertTrue(heap.breakNow() - heap.breakStart() <= 256 << 10);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 4096, 8192})
    void aTinyReservationServesAllTheSame(long reservation) {
        try (Ptmalloc heap = Ptmalloc.create(Tunables.GLIBC, reservation)) {
            long mem = heap.malloc(100_000);
            Memory.fill(mem, 100_000, (byte) 1);
            heap.free(mem);
            heap.check();
        }
    }

    @Test
    void theProgramBreakIsOursOrTheMessageSaysWhatToSet() {
        if (Linux.KERNEL.sbrk(0) == ProgramBreak.startOfBreak()) {
            try (Ptmalloc heap = Ptmalloc.onProgramBreak()) {
                assertEquals(ProgramBreak.startOfBreak(), heap.breakStart());
                assertTrue(heap.malloc(100) > heap.breakStart());
            }
            assertEquals(ProgramBreak.startOfBreak(), Linux.KERNEL.sbrk(0));
        } else {
            IllegalStateException e = assertThrows(IllegalStateException.class, Ptmalloc::onProgramBreak);
            assertTrue(e.getMessage().contains(ProgramBreak.REQUIRED_ENVIRONMENT), e.getMessage());
        }
    }

    @Test
    void afterClosingEveryCallIsRefused() {
        Ptmalloc heap = Ptmalloc.create();
        long mem = heap.malloc(100);
        heap.free(heap.malloc(24));
        heap.close();
        assertRefused(heap, mem);
    }

    @Test
    void soItIsOnAHeapThatWasNeverUsed() {
        Ptmalloc heap = Ptmalloc.create();
        heap.close();
        assertRefused(heap, 4096);
    }

    private static void assertRefused(Ptmalloc heap, long mem) {
        List<Executable> calls = List.of(
                () -> heap.malloc(24),
                () -> heap.malloc(100),
                () -> heap.malloc(MIB),
                () -> heap.malloc(-1),
                () -> heap.free(mem),
                () -> heap.calloc(1, 24),
                () -> heap.calloc(-1, 24),
                () -> heap.realloc(mem, 200),
                () -> heap.realloc(mem, 0),
                () -> heap.realloc(0, 200),
                () -> heap.memalign(8, 24),
                () -> heap.memalign(64, 24),
                () -> heap.alignedAlloc(64, 24),
                () -> heap.posixMemalign(64, 24),
                () -> heap.valloc(24),
                () -> heap.pvalloc(24),
                () -> heap.mallocUsableSize(mem),
                () -> heap.mallocTrim(0),
                () -> heap.mallopt(1, 0),
                heap::mallinfo2,
                heap::mallocInfo,
                heap::walk,
                heap::check,
                heap::breakNow);
        for (int i = 0; i < calls.size(); i++) {
            IllegalStateException e = assertThrows(IllegalStateException.class, calls.get(i), "call " + i);
            assertEquals("the heap is closed", e.getMessage());
        }
    }

    @Test
    void closingTwiceIsClosingOnce() {
        Ptmalloc heap = Ptmalloc.create();
        heap.malloc(MIB);
        heap.close();
        heap.close();
        try (Ptmalloc next = Ptmalloc.create()) {
            long mem = next.malloc(MIB);
            heap.close();
            Memory.fill(mem, MIB, (byte) 1);
        }
    }

    @Test
    void closingGivesAllMappingsBack() throws IOException {
        Ptmalloc heap = Ptmalloc.create(Tunables.GLIBC, 1L << 40);
        long base = heap.breakStart();
        heap.malloc(100);
        long mapped = heap.malloc(100 * MIB);
        assertEquals(HeapChunk.State.MMAPPED, heap.walk().getLast().state());
        assertEquals(1L << 40, mappedBytes(base, base + (1L << 40)));
        assertEquals(100 * MIB, mappedBytes(mapped, mapped + 100 * MIB));
        heap.close();
        // The JVM may have put something of its own there since; it has not put a terabyte there.
        assertTrue(mappedBytes(base, base + (1L << 40)) < 1L << 39);
        assertTrue(mappedBytes(mapped, mapped + 100 * MIB) < 100 * MIB);
    }

    /** How many bytes of a range are mapped at all. */
    private static long mappedBytes(long from, long to) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> !line.contains("[vsyscall]"))
                    .map(line -> line.substring(0, line.indexOf(' ')).split("-"))
                    .mapToLong(ends ->
                            Math.min(to, Long.parseLong(ends[1], 16)) - Math.max(from, Long.parseLong(ends[0], 16)))
                    .filter(overlap -> overlap > 0)
                    .sum();
        }
    }

    @Test
    void aBrokenHeapCanStillBeClosed() {
        Ptmalloc heap = Ptmalloc.create();
        long mem = heap.malloc(24);
        heap.free(mem);
        assertThrows(HeapCorruption.class, () -> heap.free(mem));
        heap.close();
        heap.close();
    }

    @Test
    void lackOfMemoryIsAValue() {
        try (Ptmalloc heap = Ptmalloc.create()) {
            assertEquals(0, heap.malloc(1L << 46));
            assertEquals(0, heap.calloc(1L << 32, 1L << 32));
            assertEquals(-Malloc.ENOMEM, heap.posixMemalign(64, 1L << 46));
            assertEquals(-Malloc.EINVAL, heap.posixMemalign(3, 24));
        }
    }
}
