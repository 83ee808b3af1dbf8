package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.ptmalloc4j.os.Os;
import java.util.List;
import org.junit.jupiter.api.Test;

class HugePagesTest extends HeapTest {
    private final FakeBreak fake = new FakeBreak();

    @Test
    void nothingIsAdvisedUnlessAskedFor() {
        Malloc heap = open(fake, Tunables.GLIBC);
        some(heap.malloc(24));
        some(heap.malloc(16 * MIB));
        assertEquals(List.of(), os.advice());
    }

    @Test
    void transparentOnesAreAdvisedForMappings() {
        long size = KernelSettings.transparentSize();
        assumeTrue(size > 0, "the system gives transparent huge pages to those who ask");
        Malloc heap =
                open(fake, Tunables.builder().hugetlb(1).mmapThreshold(131_072).build());
        some(heap.malloc(24));
        long mem = heap.malloc(16 * MIB);
        assertTrue(os.advice().contains(new RecordingOs.Advice(mem - 16, 16 * MIB + 4096, Os.MADV_HUGEPAGE)));
    }

    @Test
    void withTransparentOnesTheBreakEndsOnAHugePage() {
        long size = KernelSettings.transparentSize();
        assumeTrue(size > 0, "the system gives transparent huge pages to those who ask");
        Malloc heap = open(fake, Tunables.builder().hugetlb(1).build());
        some(heap.malloc(24));
        assertEquals(0, fake.current() % size);
        assertEquals(fake.current(), top(heap).address() + top(heap).size());
    }

    @Test
    void withAPoolTheBreakIsNeverMoved() {
        assumeTrue(KernelSettings.poolSize() > 0, "the system knows a size of huge pages");
        Malloc heap = open(fake, Tunables.builder().hugetlb(2).build());
        long[] mem = several(heap, 100, 30_000);
        for (int i = 0; i < mem.length; i++) {
            fill(mem[i], 30_000, i);
        }
        for (int i = 0; i < mem.length; i++) {
            assertFilled(mem[i], 30_000, i);
            heap.free(mem[i]);
        }
        assertEquals(List.of(), fake.increments());
    }

    @Test
    void aSizeOfHugePagesThatTheKernelDoesNotHaveIsDoneWithout() {
        Malloc heap = open(fake, Tunables.builder().hugetlb(1L << 40).build());
        long mem = heap.malloc(MIB);
        fill(mem, MIB, 1);
        assertFilled(mem, MIB, 1);
        assertEquals(List.of(), fake.increments());
    }
}
