package io.github.ptmalloc4j.benchmarks.prof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.ptmalloc4j.benchmarks.allocators.Allocator;
import io.github.ptmalloc4j.benchmarks.allocators.Allocators;
import io.github.ptmalloc4j.benchmarks.allocators.Lifetimes;
import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.os.Os;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the profiler reads is what happened. */
class MemoryProfilerTest {
    private static final int PAGES = 2000;
    private static final long PAGE = 4096;

    @Test
    void touchedPagesAreFaultsAndResident() {
        touch();
        long faults = ProcessNumbers.minorFaults();
        long resident = ProcessNumbers.resident();
        long mapping = touch();
        assertTrue(ProcessNumbers.minorFaults() - faults >= PAGES);
        // Less a little, because the kernel counts threads' pages in batches, and the JVM may give some back.
        assertTrue(ProcessNumbers.resident() - resident >= PAGES * PAGE / 2);
        Linux.KERNEL.munmap(mapping, PAGES * PAGE);
    }

    private static long touch() {
        long mapping = Linux.KERNEL.mmap(0, PAGES * PAGE, Os.PROT_READ | Os.PROT_WRITE, 0);
        Linux.KERNEL.madvise(mapping, PAGES * PAGE, Os.MADV_NOHUGEPAGE);
        for (int i = 0; i < PAGES; i++) {
            Memory.putByte(mapping + i * PAGE, (byte) 1);
        }
        return mapping;
    }

    @Test
    void systemCallsOfThisThreadAndOfThoseItStartsAreCounted() throws InterruptedException {
        SystemCallCounter counter = SystemCallCounter.open();
        assumeTrue(counter.works(), counter::why);
        long before = counter.count();
        advise(1000);
        long here = counter.count() - before;
        assertTrue(here >= 1000, () -> "1000 calls counted as " + here);
        Thread thread = Thread.ofPlatform().start(() -> advise(500));
        thread.join();
        long both = counter.count() - before;
        assertTrue(both >= 1500, () -> "1500 calls counted as " + both);
    }

    @Test
    void aCounterThatDoesNotWorkSaysWhy() {
        SystemCallCounter counter = SystemCallCounter.open();
        assertEquals(counter.works(), counter.why().isEmpty());
    }

    @Test
    void heapsCountForThemselves() {
        long before = HeapCalls.count();
        LongSupplier four = () -> 4;
        HeapCalls.add(four);
        assertTrue(HeapCalls.any());
        assertEquals(before + 4, HeapCalls.count());
        HeapCalls.remove(four);
        assertEquals(before, HeapCalls.count());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                Allocators.PTMALLOC4J_GLIBC,
                Allocators.PTMALLOC4J_SEGMENTS,
                Allocators.PTMALLOC4J_BUFFERS,
                Lifetimes.PTMALLOC4J_CONFINED,
                Lifetimes.PTMALLOC4J_SHARED
            })
    void eachOfOurHeapsIsCountedUntilItIsClosed(String name) {
        long before = HeapCalls.count();
        try (Allocator heap = Allocators.open(name)) {
            heap.pair(16); // What the heap and the thread need at first.
            long opened = HeapCalls.count();
            heap.pair(100 << 20); // Mapped and unmapped.
            assertEquals(opened + 2, HeapCalls.count());
        }
        assertEquals(before, HeapCalls.count());
    }

    private static void advise(int times) {
        for (int i = 0; i < times; i++) {
            Linux.KERNEL.madvise(0, 0, Os.MADV_NOHUGEPAGE);
        }
    }
}
