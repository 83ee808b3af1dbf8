package io.github.ptmalloc4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.ptmalloc4j.ptmalloc.Tunables;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeapSegmentsTest {
    private static final long MIB = 1L << 20;

    private final Ptmalloc heap = Ptmalloc.create();
    private final HeapSegments segments = heap.segments();

    @AfterEach
    void theHeapIsWholeWhateverWasTried() {
        heap.check();
        heap.close();
    }

    private static void assertZero(MemorySegment segment) {
        MemorySegment zeros = MemorySegment.ofArray(new byte[(int) segment.byteSize()]);
        assertEquals(-1, zeros.mismatch(segment));
    }

    private void assertRefused(MemorySegment segment) {
        long inUse = heap.mallinfo2().uordblks();
        assertThrows(IllegalArgumentException.class, () -> segments.free(segment));
        assertThrows(IllegalArgumentException.class, () -> segments.reallocate(segment, 10));
        assertEquals(inUse, heap.mallinfo2().uordblks());
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 7, 8, 24, 25, 1000, 1016, 1024, 1025, 5000, 100_000, 200_000, 3 * MIB})
    void aSegmentHasItsSizeAndItsAlignmentAndIsZeroedAlsoInUsedMemory(long bytes) {
        for (long alignment = 1; alignment <= MIB; alignment *= 4) {
            for (int round = 0; round < 3; round++) {
                MemorySegment segment = segments.allocate(bytes, alignment);
                assertEquals(bytes, segment.byteSize());
                assertEquals(0, segment.address() % alignment);
                assertZero(segment);
                segment.fill((byte) 0x55);
                segments.free(segment);
            }
        }
    }

    @Test
    void segmentsOfNothingHaveAlignedAddressesOfTheirOwn() {
        Set<Long> addresses = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            long address = segments.allocate(0, 64).address();
            assertEquals(0, address % 64);
            assertTrue(addresses.add(address));
        }
    }

    @Test
    void aSegmentGrowsAndShrinksWithItsContentsAndZerosBehind() {
        Random random = new Random(1);
        for (int i = 0; i < 2000; i++) {
            int bytes = random.nextInt(1 << random.nextInt(20));
            int newBytes = random.nextInt(1 << random.nextInt(20));
            long alignment = 1L << random.nextInt(9);
            MemorySegment segment = segments.allocate(bytes, alignment).fill((byte) 7);
            MemorySegment resized = segments.reallocate(segment, newBytes, alignment);
            assertEquals(newBytes, resized.byteSize());
            assertEquals(0, resized.address() % alignment);
            int kept = Math.min(bytes, newBytes);
            assertEquals(-1, resized.asSlice(0, kept).mismatch(MemorySegment.ofArray(filled(kept))));
            assertZero(resized.asSlice(kept));
            resized.fill((byte) 9);
            segments.free(resized);
        }
    }

    private static byte[] filled(int bytes) {
        byte[] sevens = new byte[bytes];
        Arrays.fill(sevens, (byte) 7);
        return sevens;
    }

    @Test
    void theLastSegmentGrowsInPlace() {
        MemorySegment segment = segments.allocate(1000);
        assertEquals(segment.address(), segments.reallocate(segment, 20_000).address());
    }

    @Test
    void aSegmentThatIsTooLargeToResizeStaysAsItWas() {
        for (long bytes : new long[] {100, MIB}) {
            MemorySegment segment = segments.allocate(bytes).fill((byte) 3);
            assertThrows(OutOfMemoryError.class, () -> segments.reallocate(segment, Long.MAX_VALUE));
            assertThrows(OutOfMemoryError.class, () -> segments.reallocate(segment, 1L << 46));
            assertThrows(OutOfMemoryError.class, () -> segments.reallocate(segment, 1L << 46, 64));
            assertThrows(IllegalArgumentException.class, () -> segments.reallocate(segment, -1));
            assertEquals(3, segment.get(ValueLayout.JAVA_BYTE, bytes - 1));
            segments.free(segment);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 24, 100, 2000, 5000, 200_000, 40 * MIB})
    void aSegmentIsFreedOnce(long bytes) {
        MemorySegment neighbour = segments.allocate(bytes);
        MemorySegment segment = segments.allocate(bytes);
        segments.free(segment);
        assertRefused(segment);
        segments.free(neighbour);
        assertRefused(segment);
        assertRefused(neighbour);
        heap.mallocTrim(0);
        assertRefused(segment);
    }

    @Test
    void aSegmentThatWasResizedIsOld() {
        MemorySegment segment = segments.allocate(100);
        MemorySegment larger = segments.reallocate(segment, 104);
        assertEquals(segment.address(), larger.address());
        assertRefused(segment);
        segments.free(larger);
    }

    @Test
    void aPartOfASegmentIsRefused() {
        for (long bytes : new long[] {64, 500, 300_000}) {
            MemorySegment segment = segments.allocate(bytes);
            for (long offset = 0; offset <= 64; offset++) {
                if (offset > 0) {
                    assertRefused(segment.asSlice(offset));
                }
                assertRefused(segment.asSlice(0, bytes - 1 - offset % bytes % 60));
            }
            assertRefused(segment.asReadOnly());
            segments.free(segment);
        }
    }

    /** On the break, where every address is the heap's; the kernel may refuse so much. */
    @Test
    void aPartOfASegmentOfManyGibibytesIsRefused() {
        long gib = 1L << 30;
        try (Ptmalloc large = Ptmalloc.create(Tunables.parse("glibc.malloc.mmap_max=0"))) {
            MemorySegment segment = large.segments().uninitialized().allocate(5 * gib);
            for (long offset = gib; offset < 5 * gib; offset += gib) {
                for (long less = 0; less < 8; less++) {
                    MemorySegment part = segment.asSlice(offset, 5 * gib - offset - less);
                    assertThrows(IllegalArgumentException.class, () -> large.segments()
                            .free(part));
                }
            }
            large.segments().free(segment);
        } catch (OutOfMemoryError e) {
            assumeTrue(false, e.getMessage());
        }
    }

    @Test
    @SuppressWarnings("restricted")
    void whatOnlyOverlapsASegmentIsRefused() {
        MemorySegment before = segments.allocate(100);
        MemorySegment segment = segments.allocate(100);
        for (long address = before.address(); address < segment.address() + 100; address += 4) {
            for (long bytes = 0; bytes <= 200; bytes++) {
                boolean handedOut = bytes == 100 && (address == before.address() || address == segment.address());
                if (!handedOut) {
                    assertRefused(MemorySegment.ofAddress(address).reinterpret(bytes));
                }
            }
        }
        segments.free(before);
        segments.free(segment);
    }

    @Test
    @SuppressWarnings("restricted")
    void aSegmentThatIsNotOursIsRefused() throws Exception {
        assertRefused(MemorySegment.ofArray(new byte[100]));
        assertRefused(MemorySegment.NULL);
        for (long address : new long[] {-1, -16, 16, Long.MAX_VALUE - 15, 1L << 62, (1L << 62) - 16, Long.MIN_VALUE}) {
            assertRefused(MemorySegment.ofAddress(address));
            assertRefused(MemorySegment.ofAddress(address).reinterpret(40));
        }
        assertRefused(MemorySegment.ofAddress(heap.breakStart()));
        assertRefused(MemorySegment.ofAddress(heap.breakNow()));
        assertRefused(MemorySegment.ofAddress(heap.malloc(100)));
        try (Arena arena = Arena.ofConfined();
                Lifetime lifetime = segments.confined();
                Ptmalloc other = Ptmalloc.create();
                FileChannel file = FileChannel.open(Path.of("/proc/self/exe"))) {
            assertRefused(arena.allocate(100, 4096));
            assertRefused(lifetime.allocate(100));
            assertRefused(other.segments().allocate(100));
            assertRefused(other.segments().allocate(MIB));
            assertRefused(file.map(FileChannel.MapMode.READ_ONLY, 0, 4096, arena));
        }
    }

    @Test
    void anyThreadFreesWhatAnotherGotAndAnyThreadIsRefusedToDoItAgain() throws InterruptedException {
        for (Thread.Builder kind : List.of(Thread.ofPlatform(), Thread.ofVirtual())) {
            List<MemorySegment> held = new ArrayList<>();
            Thread thread = kind.start(() -> {
                for (int i = 0; i < 1000; i++) {
                    held.add(segments.allocate(i * 300L));
                }
            });
            thread.join();
            assertEquals(1000, held.size());
            held.forEach(segments::free);
            held.forEach(this::assertRefused);
            Thread again = kind.start(() -> held.forEach(this::assertRefused));
            again.join();
        }
    }

    @Test
    void memoryThatIsMappedInPlaceOfABreakIsOursToo() {
        try (Ptmalloc small = Ptmalloc.create(Tunables.GLIBC, 4096)) {
            MemorySegment segment = small.segments().allocate(60_000);
            small.segments().free(segment);
            assertThrows(IllegalArgumentException.class, () -> small.segments().free(segment));
            small.check();
        }
    }

    @Test
    void aBufferIsOverTheSameMemoryAndFreedAtOnce() {
        ByteBuffer buffer = segments.allocateBuffer(1000);
        assertTrue(buffer.isDirect());
        assertEquals(1000, buffer.capacity());
        assertEquals(ByteOrder.BIG_ENDIAN, buffer.order());
        buffer.order(ByteOrder.LITTLE_ENDIAN).putLong(42).flip();
        assertEquals(42, buffer.getLong());
        assertThrows(IllegalArgumentException.class, () -> segments.free(buffer.slice()));
        segments.free(buffer);
        assertThrows(IllegalArgumentException.class, () -> segments.free(buffer));
        assertThrows(IllegalArgumentException.class, () -> segments.free(ByteBuffer.allocate(1000)));
        assertThrows(IllegalArgumentException.class, () -> segments.free(ByteBuffer.allocateDirect(1000)));
        assertThrows(IllegalArgumentException.class, () -> segments.allocateBuffer(-1));
    }

    @Test
    void uninitializedSegmentsAreNotCleared() {
        MemorySegment segment = segments.allocate(64).fill((byte) 5);
        segments.free(segment);
        MemorySegment next = segments.uninitialized().allocate(64);
        assertEquals(segment.address(), next.address());
        assertEquals(5, next.get(ValueLayout.JAVA_BYTE, 32));
    }

    @Test
    void outOfMemorySaysWhatWasAskedForAndWhatTheHeapHolds() {
        segments.allocate(1000);
        OutOfMemoryError e = assertThrows(OutOfMemoryError.class, () -> segments.allocate(1L << 46, 64));
        assertEquals(
                "%s has no memory for 70368744177664 bytes aligned to 64: it maps %d bytes of no limit, and holds %d bytes in use"
                        .formatted(
                                heap.name(),
                                heap.snapshot().mapped(),
                                heap.mallinfo2().uordblks()),
                e.getMessage()
                        .substring(
                                0, e.getMessage().indexOf(" and", e.getMessage().indexOf("holds"))));
        try (Ptmalloc limited = Ptmalloc.builder().name("cache").limit(MIB).build()) {
            MemorySegment held = limited.segments().allocate(500_000);
            e = assertThrows(
                    OutOfMemoryError.class, () -> limited.segments().confined().allocate(2 * MIB));
            assertTrue(e.getMessage().startsWith("cache has no memory for 2097152 bytes aligned to 1: it maps "));
            assertTrue(e.getMessage().contains(" of a limit of 1048576, and holds "), e.getMessage());
            assertTrue(e.getMessage().endsWith(" and 503808 bytes in 1 mappings"), e.getMessage());
            limited.segments().free(held);
        }
    }

    @Test
    void afterTheHeapIsClosedItsSegmentsAreRefused() {
        Ptmalloc closed = Ptmalloc.create();
        MemorySegment segment = closed.segments().allocate(100);
        MemorySegment large = closed.segments().allocate(MIB);
        Lifetime confined = closed.segments().confined();
        confined.allocate(100);
        Lifetime shared = closed.segments().shared();
        MemorySegment late = shared.allocate(100);
        closed.close();
        for (MemorySegment s : List.of(segment, large)) {
            assertThrows(IllegalStateException.class, () -> closed.segments().free(s));
            assertThrows(IllegalStateException.class, () -> closed.segments().reallocate(s, 10));
        }
        assertThrows(IllegalStateException.class, () -> closed.segments().allocate(10));
        assertThrows(IllegalStateException.class, () -> closed.segments().shared());
        assertThrows(IllegalStateException.class, () -> confined.allocate(10));
        assertThrows(IllegalStateException.class, () -> shared.allocate(10));
        assertThrows(IllegalStateException.class, () -> late.get(ValueLayout.JAVA_BYTE, 0));
        confined.close();
        shared.close();
        assertThrows(IllegalStateException.class, shared::close);
    }

    @Test
    void allBlocksOfALifetimeGoBackWhenItIsClosed() {
        Tunables uncached = Tunables.builder().tcacheCount(0).mxfast(0).build();
        try (Ptmalloc plain = Ptmalloc.create(uncached)) {
            long before = plain.mallinfo2().uordblks();
            HeapSegments source = plain.segments();
            for (Lifetime lifetime : List.of(source.confined(), source.bump(), source.confined())) {
                for (int i = 0; i < 200; i++) {
                    lifetime.allocate(i * 700L, 1L << i % 14);
                }
                assertTrue(plain.mallinfo2().uordblks() > MIB);
                lifetime.close();
                // A thread's first allocation brings the table of its cache, 656 bytes.
                assertTrue(
                        plain.mallinfo2().uordblks() <= before + 656,
                        plain.mallinfo2().toString());
                assertEquals(0, plain.mallinfo2().hblks());
            }
        }
    }

    @Test
    void aBumpLifetimeTakesFewBlocks() {
        try (Lifetime lifetime = segments.bump()) {
            for (int i = 0; i < 10_000; i++) {
                lifetime.allocate(16);
            }
            assertTrue(heap.mallinfo2().uordblks() < 300_000, heap.mallinfo2().toString());
        }
    }

    @Test
    void sharedMemoryWaitsUntilItsEpochEndsAndIsThenInaccessible() {
        List<MemorySegment> late = new ArrayList<>();
        for (int i = 0; i < SharedEpochs.MOST_LIFETIMES; i++) {
            try (Lifetime lifetime = segments.shared()) {
                late.add(lifetime.allocate(2000).fill((byte) i));
            }
            if (i < SharedEpochs.MOST_LIFETIMES - 1) {
                assertEquals((byte) i, late.get(i).get(ValueLayout.JAVA_BYTE, 5));
            }
        }
        late.forEach(s -> assertThrows(IllegalStateException.class, () -> s.get(ValueLayout.JAVA_BYTE, 5)));
        assertTrue(heap.mallinfo2().uordblks() < 10_000);
    }

    @Test
    void anEpochThatHoldsMuchMemoryEndsEarly() {
        for (int i = 0; i < 100; i++) {
            try (Lifetime lifetime = segments.shared()) {
                lifetime.allocate(MIB);
            }
            assertTrue(heap.mallinfo2().hblkhd() + heap.mallinfo2().arena() < 8 * MIB);
        }
    }

    @Test
    void sharedLifetimesAreOpenedFilledAndClosedByManyThreads() throws InterruptedException {
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            threads.add(Thread.ofPlatform()
                    .uncaughtExceptionHandler((thread, e) -> failures.add(e))
                    .start(this::fillSharedLifetimes));
            threads.add(Thread.ofVirtual()
                    .uncaughtExceptionHandler((thread, e) -> failures.add(e))
                    .start(this::fillSharedLifetimes));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(List.of(), failures);
    }

    private void fillSharedLifetimes() {
        for (int i = 0; i < 1000; i++) {
            try (Lifetime lifetime = segments.shared()) {
                for (int n = 0; n < 5; n++) {
                    MemorySegment segment = lifetime.allocate(100 + n * 200L);
                    assertZero(segment);
                    segment.fill((byte) i);
                }
            }
        }
    }

    @Test
    void allocationAndCloseOfOneSharedLifetimeMayRace() throws InterruptedException {
        for (int i = 0; i < 500; i++) {
            Lifetime lifetime = segments.shared();
            Thread allocating = Thread.ofPlatform().start(() -> {
                try {
                    while (true) {
                        lifetime.allocate(50);
                    }
                } catch (IllegalStateException e) {
                    assertEquals("Already closed", e.getMessage());
                }
            });
            Thread.yield();
            lifetime.close();
            allocating.join();
        }
    }

    @Test
    void aHeapThatIsClosedWhileAnEpochEndsWaitsForItsEnd() throws InterruptedException {
        for (int i = 0; i < 200; i++) {
            Ptmalloc closed = Ptmalloc.create();
            List<Lifetime> epoch = new ArrayList<>();
            for (int n = 0; n < SharedEpochs.MOST_LIFETIMES; n++) {
                epoch.add(closed.segments().shared());
            }
            MemorySegment segment = epoch.getFirst().allocate(1 << 20);
            Thread reading = Thread.ofPlatform().start(() -> {
                // Memory that is not there would end the process here.
                assertThrows(IllegalStateException.class, () -> {
                    while (true) {
                        segment.get(ValueLayout.JAVA_BYTE, 1 << 19);
                    }
                });
            });
            Thread ending = Thread.ofPlatform().start(() -> epoch.forEach(Lifetime::close));
            closed.close();
            ending.join();
            reading.join();
        }
    }
}
