package io.github.ptmalloc4j.lab.verify;

import static io.github.ptmalloc4j.lab.verify.Witness.HEAP;
import static io.github.ptmalloc4j.lab.verify.Witness.KERNEL;
import static io.github.ptmalloc4j.lab.verify.Witness.MAPS;
import static io.github.ptmalloc4j.lab.verify.Witness.PAGEMAP;
import static io.github.ptmalloc4j.lab.verify.Witness.SBRK;
import static io.github.ptmalloc4j.lab.verify.Witness.SYSTEM_CALLS;

import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.Os;
import io.github.ptmalloc4j.ptmalloc.Malloc;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import io.github.ptmalloc4j.verify.Maps;
import io.github.ptmalloc4j.verify.Pagemap;

/** Claim 14. */
final class Overcommit {
    private static final long GIB = 1L << 30;
    private static final long TIB = 1L << 40;
    /** All the addresses that a process has with four levels of page tables: never to be had. */
    private static final long EVERYTHING = 128 * TIB;

    private Overcommit() {}

    static void measure(Evidence evidence) {
        evidence.expect("""
            Addresses without access are not memory: mmap(PROT_NONE, MAP_NORESERVE) of 1 TiB is granted whatever the
            machine has, and nothing of it is resident. 128 TiB is all the addresses of a process: the kernel
            refuses it under every overcommit policy, first as a mapping, then as a break, then as a mapping in its
            place. Beyond PTRDIFF_MAX the kernel is not even asked. malloc returns 0 and the heap goes on.\
            """);
        evidence.needsPagemap();
        reserve(evidence);
        refuse(evidence);
    }

    private static void reserve(Evidence evidence) {
        long address = Linux.KERNEL.mmap(0, TIB, Os.PROT_NONE, Os.MAP_NORESERVE);
        evidence.when("mmap of 1 TiB with PROT_NONE and MAP_NORESERVE");
        evidence.yes(KERNEL, "it is granted", address != Os.MAP_FAILED);
        if (address == Os.MAP_FAILED) {
            return;
        }
        evidence.word(MAPS, "all of it is", "---p", Maps.read().permissions(address, address + TIB));
        evidence.pages(
                PAGEMAP,
                "resident in its first GiB",
                0,
                Pagemap.of(address, address + GIB).resident());
        evidence.pages(
                PAGEMAP,
                "resident in its last GiB",
                0,
                Pagemap.of(address + TIB - GIB, address + TIB).resident());
        Linux.KERNEL.munmap(address, TIB);
    }

    private static void refuse(Evidence evidence) {
        CountingOs os = new CountingOs();
        Malloc heap = Heaps.onProgramBreak(os, Tunables.GLIBC);
        long held = heap.malloc(24);
        long breakBefore = Linux.KERNEL.sbrk(0);
        os.forget();
        evidence.when("malloc(128 TiB)");
        evidence.hex(HEAP, "it returns", 0, heap.malloc(EVERYTHING));
        evidence.word(SYSTEM_CALLS, "refused, in order", "mmap, sbrk, mmap", os.refused());
        os.forget();
        evidence.when("malloc(PTRDIFF_MAX + 1)");
        evidence.hex(HEAP, "it returns", 0, heap.malloc(Long.MIN_VALUE));
        evidence.calls(SYSTEM_CALLS, "made by it", 0, os.count());
        evidence.when("afterwards");
        evidence.hex(SBRK, "break, where it was", breakBefore, Linux.KERNEL.sbrk(0));
        heap.check();
        evidence.hex(HEAP, "malloc(24): right behind the block held", held + Rules.chunk(24), heap.malloc(24));
    }
}
