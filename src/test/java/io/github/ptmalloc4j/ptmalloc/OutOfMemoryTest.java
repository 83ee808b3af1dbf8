package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.os.Os;
import io.github.ptmalloc4j.os.OsFailure;
import io.github.ptmalloc4j.os.PrivateBreak;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every call to the system fails once, and every call fails for good from some moment on: for N = 1, 2, … the Nth call of
 * a script is refused, until the script runs through without a fault. Whatever is refused, a call returns 0 or succeeds,
 * held blocks keep their contents, the heap is sound, and what failed succeeds once the system has memory again.
 */
class OutOfMemoryTest {
    private static final long MIB = 1L << 20;

    /** A heap, and the blocks that a script holds on it. */
    private static final class Run {
        /** A block of the script. */
        record Held(long mem, long bytes, int seed) {}

        final RecordingOs os = new RecordingOs();
        final List<Held> held = new ArrayList<>();
        final List<Runnable> refused = new ArrayList<>();
        final Malloc heap;
        int seeds;

        Run(boolean onFakeBreak, Tunables tunables) {
            heap = new Malloc(os, onFakeBreak ? new FakeBreak(os) : PrivateBreak.reserve(os, 1L << 30), tunables);
        }

        void malloc(long bytes) {
            keep(heap.malloc(bytes), bytes, () -> malloc(bytes));
        }

        void calloc(long bytes) {
            long mem = heap.calloc(1, bytes);
            if (mem != 0) {
                HeapTest.assertZero(mem, bytes);
            }
            keep(mem, bytes, () -> calloc(bytes));
        }

        void memalign(long alignment, long bytes) {
            long mem = heap.memalign(alignment, bytes);
            assertEquals(0, mem % alignment);
            keep(mem, bytes, () -> memalign(alignment, bytes));
        }

        void keep(long mem, long bytes, Runnable again) {
            if (mem == 0) {
                refused.add(again);
                return;
            }
            HeapTest.fill(mem, bytes, ++seeds);
            held.add(new Held(mem, bytes, seeds));
        }

        /** Resizes the block that was got last. */
        void realloc(long bytes) {
            if (held.isEmpty()) {
                return;
            }
            Held old = held.removeLast();
            long mem = heap.realloc(old.mem, bytes);
            if (mem == 0) {
                held.add(old);
                refused.add(() -> realloc(bytes));
                return;
            }
            HeapTest.assertFilled(mem, Math.min(old.bytes, bytes), old.seed);
            HeapTest.fill(mem, bytes, ++seeds);
            held.add(new Held(mem, bytes, seeds));
        }

        /** Frees the block that was got first. */
        void free() {
            if (!held.isEmpty()) {
                Held block = held.removeFirst();
                HeapTest.assertFilled(block.mem, block.bytes, block.seed);
                heap.free(block.mem);
            }
        }

        void freeAll() {
            while (!held.isEmpty()) {
                free();
            }
        }

        void everythingIsSound() {
            for (Held block : held) {
                HeapTest.assertFilled(block.mem, block.bytes, block.seed);
            }
            heap.check();
        }
    }

    /** A script, under the name that the test report shows. */
    private record Script(String name, boolean onFakeBreak, Tunables tunables, Steps steps) {
        /** What a script does. */
        interface Steps {
            void run(Run run);
        }

        @Override
        public String toString() {
            return name + (onFakeBreak ? ", a break that fails as a whole" : "");
        }
    }

    static Stream<Script> scripts() {
        return Stream.of(true, false).flatMap(fake -> scripts(fake).stream());
    }

    private static List<Script> scripts(boolean fake) {
        Tunables glibc = Tunables.GLIBC;
        Tunables onBreak = HeapTest.NO_TCACHE.toBuilder().mmapMax(0).build();
        return List.of(
                new Script("the first allocation ever", fake, glibc, run -> run.malloc(24)),
                new Script("a first calloc", fake, glibc, run -> run.calloc(50_000)),
                new Script("a first aligned block", fake, glibc, run -> run.memalign(4096, 70_000)),
                new Script("growing", fake, onBreak, OutOfMemoryTest::grow),
                new Script(
                        "growing with a tcache",
                        fake,
                        glibc.toBuilder().mmapMax(0).build(),
                        OutOfMemoryTest::grow),
                new Script("mappings", fake, glibc, OutOfMemoryTest::mappings),
                new Script("resizing mappings", fake, glibc, OutOfMemoryTest::resizeMappings),
                new Script("resizing on the break", fake, onBreak, OutOfMemoryTest::resizeOnBreak),
                new Script("free and trim", fake, onBreak, OutOfMemoryTest::trim),
                new Script("aligned blocks", fake, glibc, OutOfMemoryTest::aligned));
    }

    private static void grow(Run run) {
        for (int i = 0; i < 12; i++) {
            run.malloc(60_000);
            run.calloc(30_000);
        }
    }

    private static void mappings(Run run) {
        run.malloc(24);
        run.malloc(MIB);
        run.calloc(MIB);
        run.free();
        run.free();
        run.malloc(3 * MIB);
        run.freeAll();
        run.malloc(100);
    }

    private static void resizeMappings(Run run) {
        run.malloc(MIB);
        run.realloc(4 * MIB);
        run.realloc(2 * MIB);
        run.realloc(200_000);
        run.realloc(100);
        run.realloc(MIB);
        run.malloc(40);
        run.freeAll();
    }

    private static void resizeOnBreak(Run run) {
        run.malloc(100);
        run.realloc(100_000);
        run.malloc(24);
        run.realloc(500_000);
        run.malloc(24);
        run.realloc(MIB);
        run.realloc(1000);
    }

    private static void trim(Run run) {
        for (int i = 0; i < 10; i++) {
            run.malloc(100_000);
            run.malloc(24);
        }
        for (int i = 0; i < 15; i++) {
            run.free();
        }
        run.heap.mallocTrim(0);
        run.malloc(200_000);
        run.calloc(400_000);
        run.freeAll();
        run.heap.mallocTrim(0);
        run.malloc(100_000);
    }

    private static void aligned(Run run) {
        run.memalign(64, 100);
        run.memalign(4096, 100_000);
        run.memalign(1 << 16, MIB);
        run.realloc(3 * MIB);
        run.memalign(1 << 20, 10);
        run.freeAll();
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void aCallThatFailsOnceHarmsNothing(Script script) {
        int faults = failEveryCall(script, false);
        assertTrue(faults > 0, "the script asks the system for something");
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void aSystemThatFailsForGoodHarmsNothing(Script script) {
        int faults = failEveryCall(script, true);
        assertTrue(faults > 0, "the script asks the system for something");
    }

    /** How many calls there were to fail. */
    private static int failEveryCall(Script script, boolean forGood) {
        for (int n = 1; ; n++) {
            if (!runWithFault(script, n, forGood)) {
                return n - 1;
            }
        }
    }

    /** Whether the fault came about. */
    private static boolean runWithFault(Script script, int n, boolean forGood) {
        Run run = new Run(script.onFakeBreak, script.tunables);
        boolean failed;
        try (Malloc heap = run.heap) {
            run.os.failCall(n, forGood);
            script.steps.run(run);
            failed = run.os.faults() > 0;
            run.everythingIsSound();
            run.os.healed();
            everythingRefusedSucceedsNow(run);
            run.everythingIsSound();
            run.freeAll();
            heap.mallocTrim(0);
            heap.check();
            assertEquals(0, heap.mallinfo2().hblks());
            assertEquals(0, heap.mallinfo2().hblkhd());
        }
        assertEquals(0, run.os.mappings().size(), "mappings left after fault " + n);
        run.os.removeLost();
        return failed;
    }

    private static void everythingRefusedSucceedsNow(Run run) {
        List<Runnable> again = List.copyOf(run.refused);
        run.refused.clear();
        again.forEach(Runnable::run);
        assertEquals(0, run.refused.size(), "what was refused for want of memory is not any more");
    }

    @Test
    void twoFaultsInARowHarmNothingEither() {
        for (Script script : scripts().limit(3).toList()) {
            for (int n = 1; n < 12; n++) {
                Run run = new Run(script.onFakeBreak, script.tunables);
                try (Malloc heap = run.heap) {
                    run.os.failCall(n, false);
                    script.steps.run(run);
                    run.os.failCall(1, false);
                    script.steps.run(run);
                    run.os.healed();
                    everythingRefusedSucceedsNow(run);
                    run.everythingIsSound();
                    assertNotEquals(0, heap.malloc(100));
                }
                assertEquals(0, run.os.mappings().size());
            }
        }
    }

    @Test
    void aRefusedGrowthIsFollowedByAMappingOf1Mib() {
        Run run = new Run(true, HeapTest.NO_TCACHE);
        try (Malloc heap = run.heap) {
            run.malloc(24);
            run.os.failCall(1, false);
            run.malloc(60_000);
            run.malloc(60_000);
            run.malloc(60_000);
            assertEquals(1, run.os.faults());
            assertEquals(0, run.refused.size());
            assertTrue(run.os.mappings().containsValue(MIB));
            heap.check();
        }
    }

    @Test
    void aTableThatTheTcacheCannotHaveIsMadeLater() {
        Run run = new Run(false, Tunables.GLIBC);
        try (Malloc heap = run.heap) {
            run.os.failCall(1, true);
            assertEquals(0, heap.malloc(24));
            run.os.healed();
            assertEquals(heap.breakStart() + 0x290 + 16, heap.malloc(24));
        }
    }

    @Test
    void aHeapThatCannotBeMadeClosesItsBreak() {
        RecordingOs os = new RecordingOs();
        FakeBreak fake = new FakeBreak();
        os.failCall(1, true);
        assertThrows(OutOfMemoryError.class, () -> new Malloc(os, fake, Tunables.GLIBC));
        assertTrue(fake.isClosed());
    }

    @Test
    void aHeapThatFailsAsNoneShouldClosesItsBreakToo() {
        FakeBreak fake = new FakeBreak();
        Os broken = (Os) Proxy.newProxyInstance(
                Os.class.getClassLoader(), new Class<?>[] {Os.class}, (proxy, method, arguments) -> {
                    throw new OsFailure(method.getName(), 38);
                });
        assertThrows(OsFailure.class, () -> new Malloc(broken, fake, Tunables.GLIBC));
        assertTrue(fake.isClosed());
    }

    @Test
    void aRangeIsReservedHalfAsLargeWhereTheWholeIsNotToBeHad() {
        RecordingOs os = new RecordingOs();
        os.failCall(1, false);
        try (PrivateBreak half = PrivateBreak.reserve(os, 8 * MIB)) {
            assertEquals(4 * MIB, half.limit() - half.base());
            assertEquals(half.base(), half.morecore(4 * MIB));
            assertEquals(PrivateBreak.FAILURE, half.morecore(1));
        }
        assertEquals(0, os.mappings().size());
    }
}
