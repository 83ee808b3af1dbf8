package io.github.ptmalloc4j.lab.verify;

import static io.github.ptmalloc4j.lab.verify.Witness.HEAP;
import static io.github.ptmalloc4j.lab.verify.Witness.MAPS;
import static io.github.ptmalloc4j.lab.verify.Witness.PAGEMAP;
import static io.github.ptmalloc4j.lab.verify.Witness.SBRK;
import static io.github.ptmalloc4j.lab.verify.Witness.SYSTEM_CALLS;

import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.ptmalloc.Malloc;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import io.github.ptmalloc4j.verify.Maps;

/** Claim 4. */
final class HoleReused {
    private static final long A = 30 << 10;
    private static final long B = 40 << 10;

    private HoleReused() {}

    static void measure(Evidence evidence) {
        evidence.expect("""
            free(B) puts B's chunk into the unsorted list; its pages stay. malloc of the same size finds it there,
            an exact fit. The engine has no way to the kernel but one object, and that counts. Faults are the
            fewest of %d rounds of free, malloc and writing every page: the JVM's own can only add to a round.
            """.formatted(FaultCount.ROUNDS));
        evidence.needsPagemap();
        CountingOs os = new CountingOs();
        Malloc heap = Heaps.onProgramBreak(os, Tunables.GLIBC);
        heap.malloc(A);
        long b = heap.malloc(B);
        heap.malloc(A); // Keeps B away from top.
        Memory.fill(b, B, (byte) 1);
        Pages pages = Pages.inside(b, B);
        evidence.when("after malloc(B) and filling it");
        evidence.pages(PAGEMAP, "resident in B", pages.count(), pages.resident());
        reuse(evidence, os, heap, b);
        evidence.pages(PAGEMAP, "resident in B", pages.count(), pages.resident());
    }

    private static void reuse(Evidence evidence, CountingOs os, Malloc heap, long b) {
        var heapBefore = Maps.read().named(Maps.HEAP);
        long breakBefore = Linux.KERNEL.sbrk(0);
        FaultCount faults = new FaultCount();
        long[] again = {b};
        os.forget();
        for (int round = 0; round < FaultCount.ROUNDS; round++) {
            faults.around(() -> again[0] = reuse(heap, again[0]));
        }
        long calls = os.count();
        evidence.when("after free(B), malloc(40K) and filling that, %d times".formatted(FaultCount.ROUNDS));
        evidence.hex(HEAP, "the new block is B", b, again[0]);
        evidence.calls(SYSTEM_CALLS, "of all rounds", 0, calls);
        evidence.hex(SBRK, "break", breakBefore, Linux.KERNEL.sbrk(0));
        evidence.yes(MAPS, "[heap] is as it was", heapBefore.equals(Maps.read().named(Maps.HEAP)));
        evidence.faults("free, malloc, filling", 0, faults);
    }

    private static long reuse(Malloc heap, long mem) {
        heap.free(mem);
        long again = heap.malloc(B);
        Memory.fill(again, B, (byte) 2);
        return again;
    }
}
