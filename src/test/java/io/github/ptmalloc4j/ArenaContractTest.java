package io.github.ptmalloc4j;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The same assertions over the JDK's arenas and over ours. Where one of ours differs, {@link Kind} says so in a word and the
 * assertion asks for it.
 */
class ArenaContractTest {
    static final Ptmalloc HEAP = Ptmalloc.create();

    /** An arena, and what is true of it. */
    enum Kind {
        JDK_CONFINED(Arena::ofConfined, true, true),
        JDK_SHARED(Arena::ofShared, false, true),
        CONFINED(HEAP.segments()::confined, true, true),
        BUMP(HEAP.segments()::bump, true, true),
        /** Differs: the scope of a shared lifetime ends with its epoch, and a segment in use does not keep it open. */
        SHARED(HEAP.segments()::shared, false, false);

        final Supplier<Arena> open;
        final boolean oneThread;
        final boolean scopeEndsAtClose;

        Kind(Supplier<Arena> open, boolean oneThread, boolean scopeEndsAtClose) {
            this.open = open;
            this.oneThread = oneThread;
            this.scopeEndsAtClose = scopeEndsAtClose;
        }

        Arena open() {
            return open.get();
        }
    }

    @AfterAll
    static void theHeapIsWhole() {
        HEAP.check();
        HEAP.close();
    }

    private static <T extends Throwable> void assertMessage(Class<T> type, String message, Executable call) {
        assertEquals(message, assertThrows(type, call).getMessage());
    }

    /** What a call throws in another thread, or null. */
    private static Throwable elsewhere(Executable call) throws InterruptedException {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                call.execute();
            } catch (Throwable e) {
                thrown.set(e);
            }
        });
        thread.join();
        return thrown.get();
    }

    @ParameterizedTest
    @EnumSource
    void segmentsAreNativeExactAlignedZeroedDistinctAndOfTheArenasScope(Kind kind) {
        for (int round = 0; round < 3; round++) {
            try (Arena arena = kind.open()) {
                MemorySegment before = arena.allocate(1);
                for (long bytes : new long[] {0, 1, 8, 100, 1000, 5000, 20_000, 300_000}) {
                    for (long alignment = 1; alignment <= 1 << 16; alignment *= 2) {
                        MemorySegment segment = arena.allocate(bytes, alignment);
                        assertTrue(segment.isNative());
                        assertFalse(segment.isMapped());
                        assertFalse(segment.isReadOnly());
                        assertEquals(bytes, segment.byteSize());
                        assertEquals(0, segment.address() % alignment);
                        assertEquals(arena.scope(), segment.scope());
                        assertEquals(-1, segment.mismatch(MemorySegment.ofArray(new byte[(int) bytes])));
                        assertTrue(before.asOverlappingSlice(segment).isEmpty());
                        assertTrue(before.address() != segment.address());
                        segment.fill((byte) -1);
                        before = segment;
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void badRequestsAreRefusedInTheSameWords(Kind kind) {
        try (Arena arena = kind.open()) {
            for (long bytes : new long[] {-1, Long.MIN_VALUE}) {
                String message = "The provided allocation size is negative: " + bytes;
                assertMessage(IllegalArgumentException.class, message, () -> arena.allocate(bytes));
                assertMessage(IllegalArgumentException.class, message, () -> arena.allocate(bytes, 3));
            }
            for (long alignment : new long[] {0, -1, 3, 48, Long.MIN_VALUE}) {
                assertMessage(
                        IllegalArgumentException.class,
                        "Invalid alignment constraint : " + alignment,
                        () -> arena.allocate(1, alignment));
            }
            assertThrows(IllegalArgumentException.class, () -> arena.allocate(JAVA_INT, -1));
            assertThrows(IllegalArgumentException.class, () -> arena.allocate(JAVA_INT, Long.MAX_VALUE));
            assertThrows(NullPointerException.class, () -> arena.allocate((MemoryLayout) null));
            assertThrows(NullPointerException.class, () -> arena.allocate(null, 1));
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsLargerThanMemoryIsAnOutOfMemoryError(Kind kind) {
        try (Arena arena = kind.open()) {
            for (long bytes :
                    new long[] {Long.MAX_VALUE, Long.MAX_VALUE - 15, Long.MAX_VALUE - 64, 1L << 62, 1L << 47}) {
                assertThrows(OutOfMemoryError.class, () -> arena.allocate(bytes));
                assertThrows(OutOfMemoryError.class, () -> arena.allocate(bytes, 4096));
            }
            assertThrows(OutOfMemoryError.class, () -> arena.allocate(1, 1L << 62));
            assertEquals(8, arena.allocate(8).byteSize());
        }
    }

    @ParameterizedTest
    @EnumSource
    void boundsHold(Kind kind) {
        try (Arena arena = kind.open()) {
            MemorySegment segment = arena.allocate(10);
            assertThrows(IndexOutOfBoundsException.class, () -> segment.get(JAVA_BYTE, 10));
            assertThrows(IndexOutOfBoundsException.class, () -> segment.get(JAVA_BYTE, -1));
            assertThrows(IndexOutOfBoundsException.class, () -> segment.asSlice(5, 6));
        }
    }

    @ParameterizedTest
    @EnumSource
    void closeTwiceAndAllocationAfterCloseAreRefused(Kind kind) {
        Arena arena = kind.open();
        arena.allocate(10);
        assertTrue(arena.scope().isAlive());
        arena.close();
        assertEquals(!kind.scopeEndsAtClose, arena.scope().isAlive());
        assertMessage(IllegalStateException.class, "Already closed", arena::close);
        assertMessage(IllegalStateException.class, "Already closed", () -> arena.allocate(10));
        assertMessage(IllegalStateException.class, "Already closed", () -> arena.allocate(0));
        assertMessage(IllegalStateException.class, "Already closed", () -> arena.allocateFrom("text"));
        assertMessage(IllegalStateException.class, "Already closed", () -> arena.allocateFrom(JAVA_INT, 1, 2));
        // Sizes are looked at first.
        assertThrows(IllegalArgumentException.class, () -> arena.allocate(-1));
    }

    @ParameterizedTest
    @EnumSource
    void aSegmentIsInaccessibleAfterCloseOrOfASharedLifetimeAsItWas(Kind kind) {
        Arena arena = kind.open();
        MemorySegment segment = arena.allocate(10);
        ByteBuffer buffer = segment.asByteBuffer();
        segment.set(JAVA_BYTE, 3, (byte) 7);
        arena.close();
        if (kind.scopeEndsAtClose) {
            assertMessage(IllegalStateException.class, "Already closed", () -> segment.get(JAVA_BYTE, 3));
            assertMessage(IllegalStateException.class, "Already closed", () -> buffer.get(3));
        } else {
            assertEquals(7, segment.get(JAVA_BYTE, 3));
            assertEquals(7, buffer.get(3));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aConfinedArenaIsForItsThreadAndASharedOneForAll(Kind kind) throws InterruptedException {
        Arena arena = kind.open();
        MemorySegment segment = arena.allocate(10);
        List<Executable> calls = List.of(
                () -> arena.allocate(10),
                () -> arena.allocateFrom(JAVA_INT, 1),
                () -> segment.get(JAVA_BYTE, 0),
                arena::close);
        assertEquals(!kind.oneThread, segment.isAccessibleBy(new Thread(() -> {})));
        for (Executable call : calls) {
            Throwable thrown = elsewhere(call);
            if (kind.oneThread) {
                assertSame(WrongThreadException.class, thrown.getClass());
            } else {
                assertSame(null, thrown);
            }
        }
        if (kind.oneThread) {
            assertEquals(
                    "Attempted access outside owning thread",
                    elsewhere(() -> arena.allocate(10)).getMessage());
            arena.close();
            assertSame(
                    WrongThreadException.class,
                    elsewhere(() -> arena.allocate(1)).getClass());
            assertSame(WrongThreadException.class, elsewhere(arena::close).getClass());
        }
    }

    @ParameterizedTest
    @EnumSource
    void textIsCopiedWithItsTerminator(Kind kind) {
        try (Arena arena = kind.open()) {
            dirty(arena);
            for (String text : List.of("", "text", "größer", "\ud83d\ude00 smile", "x".repeat(3000))) {
                assertEquals(text, arena.allocateFrom(text).getString(0));
                for (Charset charset : List.of(
                        StandardCharsets.UTF_8,
                        StandardCharsets.UTF_16LE,
                        StandardCharsets.UTF_16BE,
                        StandardCharsets.UTF_16,
                        Charset.forName("UTF-32LE"))) {
                    MemorySegment segment = arena.allocateFrom(text, charset);
                    assertEquals(text, segment.getString(0, charset));
                    int terminator = charset == StandardCharsets.UTF_8
                            ? 1
                            : charset.name().contains("16") ? 2 : 4;
                    assertEquals(text.getBytes(charset).length + terminator, segment.byteSize());
                }
            }
            assertEquals(
                    5, arena.allocateFrom("text", StandardCharsets.US_ASCII).byteSize());
            assertThrows(IllegalArgumentException.class, () -> arena.allocateFrom("x", Charset.forName("EUC-JP")));
            assertThrows(NullPointerException.class, () -> arena.allocateFrom((String) null));
            assertThrows(NullPointerException.class, () -> arena.allocateFrom("x", null));
        }
    }

    /** Leaves memory behind that is not zero. */
    private static void dirty(SegmentAllocator arena) {
        for (int i = 0; i < 10; i++) {
            arena.allocate(100).fill((byte) -1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void singleValuesAreCopiedInTheLayoutsOrder(Kind kind) {
        try (Arena arena = kind.open()) {
            assertEquals(3, arena.allocateFrom(JAVA_BYTE, (byte) 3).get(JAVA_BYTE, 0));
            assertEquals('c', arena.allocateFrom(ValueLayout.JAVA_CHAR, 'c').get(ValueLayout.JAVA_CHAR, 0));
            assertEquals(
                    5, arena.allocateFrom(ValueLayout.JAVA_SHORT, (short) 5).get(ValueLayout.JAVA_SHORT, 0));
            ValueLayout.OfInt big = JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN).withByteAlignment(64);
            MemorySegment number = arena.allocateFrom(big, 0x01020304);
            assertEquals(4, number.byteSize());
            assertEquals(0, number.address() % 64);
            assertEquals(1, number.get(JAVA_BYTE, 0));
            assertEquals(6, arena.allocateFrom(ValueLayout.JAVA_LONG, 6).get(ValueLayout.JAVA_LONG, 0));
            assertEquals(7, arena.allocateFrom(ValueLayout.JAVA_FLOAT, 7).get(ValueLayout.JAVA_FLOAT, 0));
            assertEquals(8, arena.allocateFrom(ValueLayout.JAVA_DOUBLE, 8).get(ValueLayout.JAVA_DOUBLE, 0));
            AddressLayout address = ValueLayout.ADDRESS;
            MemorySegment pointer = arena.allocateFrom(address, number);
            assertEquals(number.address(), pointer.get(address, 0).address());
            MemorySegment onHeap = MemorySegment.ofArray(new byte[1]);
            assertThrows(IllegalArgumentException.class, () -> arena.allocateFrom(address, onHeap));
            assertThrows(NullPointerException.class, () -> arena.allocateFrom(address, (MemorySegment) null));
            assertThrows(NullPointerException.class, () -> arena.allocateFrom((ValueLayout.OfInt) null, 1));
        }
    }

    @ParameterizedTest
    @EnumSource
    void arraysAndSegmentsAreCopied(Kind kind) {
        try (Arena arena = kind.open()) {
            int[] ints = {1, 2, 3};
            assertArrayEquals(ints, arena.allocateFrom(JAVA_INT, ints).toArray(JAVA_INT));
            byte[] bytes = new byte[5000];
            bytes[4999] = 1;
            assertArrayEquals(bytes, arena.allocateFrom(JAVA_BYTE, bytes).toArray(JAVA_BYTE));
            long[] longs = {4};
            assertArrayEquals(
                    longs, arena.allocateFrom(ValueLayout.JAVA_LONG, longs).toArray(ValueLayout.JAVA_LONG));
            assertEquals(0, arena.allocateFrom(JAVA_INT, new int[0]).byteSize());
            ValueLayout.OfInt big = JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN);
            assertArrayEquals(ints, arena.allocateFrom(big, ints).toArray(big));
            MemorySegment source = MemorySegment.ofArray(ints);
            MemorySegment copy = arena.allocateFrom(big, source, JAVA_INT, 4, 2);
            assertArrayEquals(new int[] {2, 3}, copy.toArray(big));
            assertThrows(IndexOutOfBoundsException.class, () -> arena.allocateFrom(JAVA_INT, source, JAVA_INT, 4, 3));
            assertThrows(IndexOutOfBoundsException.class, () -> arena.allocateFrom(JAVA_INT, source, JAVA_INT, -4, 1));
            assertThrows(IllegalArgumentException.class, () -> arena.allocateFrom(JAVA_INT, source, JAVA_INT, 0, -1));
            assertThrows(IllegalArgumentException.class, () -> arena.allocateFrom(JAVA_INT, source, JAVA_BYTE, 0, 1));
            assertThrows(NullPointerException.class, () -> arena.allocateFrom(JAVA_INT, null, JAVA_INT, 0, 1));
            assertThrows(NullPointerException.class, () -> arena.allocateFrom(JAVA_INT, (int[]) null));
        }
    }

    @ParameterizedTest
    @EnumSource
    void cleanupOfAReinterpretedSegmentRunsWhenTheScopeEnds(Kind kind) {
        if (!kind.scopeEndsAtClose) {
            return;
        }
        AtomicReference<MemorySegment> cleaned = new AtomicReference<>();
        Arena arena = kind.open();
        MemorySegment segment = arena.allocate(8);
        @SuppressWarnings("restricted")
        MemorySegment view = segment.reinterpret(4, arena, cleaned::set);
        assertEquals(4, view.byteSize());
        arena.close();
        assertEquals(segment.address(), cleaned.get().address());
    }

    @ParameterizedTest
    @EnumSource
    void anEmptyArenaMayBeClosed(Kind kind) {
        assertDoesNotThrow(kind.open()::close);
    }
}
