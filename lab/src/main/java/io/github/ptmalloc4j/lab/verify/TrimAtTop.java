package io.github.ptmalloc4j.lab.verify;

import static io.github.ptmalloc4j.lab.verify.Witness.HEAP;
import static io.github.ptmalloc4j.lab.verify.Witness.MAPS;
import static io.github.ptmalloc4j.lab.verify.Witness.MEMORY;
import static io.github.ptmalloc4j.lab.verify.Witness.PAGEMAP;
import static io.github.ptmalloc4j.lab.verify.Witness.SBRK;

import io.github.ptmalloc4j.Ptmalloc;
import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import io.github.ptmalloc4j.verify.Maps;

/** Claim 9: memory goes back to the system from the end of the heap. */
final class TrimAtTop {
    private static final long MIB = 1 << 20;

    private TrimAtTop() {}

    static void measure(Evidence evidence) {
        evidence.expect("""
            With automatic trimming off (trim threshold -1) a freed block joins top and its pages stay.
            mallocTrim(0) lowers the break by all whole pages of top but MINSIZE: those pages are gone. The same
            request raises the break again, gets the same address, and finds no page, then zeros, at one fault a
            page. Faults are the fewest of %d rounds.\
            """.formatted(FaultCount.ROUNDS));
        evidence.needsPagemap();
        // 1 MiB comes from the break, not from a mapping.
        Ptmalloc heap = Heaps.onProgramBreak(
                Tunables.builder().mmapThreshold(64 * MIB).trimThreshold(-1).build());
        heap.malloc(24);
        long mem = heap.malloc(MIB);
        Pages pages = Pages.inside(mem, MIB);
        Memory.fill(mem, MIB, (byte) 1);
        evidence.when("after malloc(1 MiB) and filling it");
        evidence.pages(PAGEMAP, "resident in the block", pages.count(), pages.resident());
        heap.free(mem);
        evidence.when("after free");
        evidence.pages(PAGEMAP, "resident where it was", pages.count(), pages.resident());
        trim(evidence, heap, pages);
        growAgain(evidence, heap, mem, pages);
    }

    private static void trim(Evidence evidence, Ptmalloc heap, Pages pages) {
        long before = Linux.KERNEL.sbrk(0);
        long top = heap.mallinfo2().keepcost();
        boolean trimmed = heap.mallocTrim(0);
        long after = Linux.KERNEL.sbrk(0);
        evidence.when("after mallocTrim(0)");
        evidence.yes(HEAP, "it gave memory back", trimmed);
        evidence.bytes(SBRK, "the break came down by", Rules.trimmed(top, 0), before - after);
        evidence.word(MAPS, "where the block was is", Maps.UNMAPPED, Maps.read().permissions(pages.from(), pages.to()));
        evidence.pages(PAGEMAP, "resident there", 0, pages.resident());
    }

    private static void growAgain(Evidence evidence, Ptmalloc heap, long mem, Pages pages) {
        FaultCount reading = new FaultCount();
        boolean[] zero = {true};
        long[] again = {0};
        long resident = 0;
        for (int round = 0; round < FaultCount.ROUNDS; round++) {
            heap.mallocTrim(0);
            again[0] = heap.malloc(MIB);
            resident += pages.resident();
            reading.around(() -> zero[0] &= pages.readAsZero());
            Memory.fill(again[0], MIB, (byte) 2);
            heap.free(again[0]);
        }
        evidence.when("malloc(1 MiB) again, fill, free, trim, %d times".formatted(FaultCount.ROUNDS));
        evidence.hex(HEAP, "the block is where it was", mem, again[0]);
        evidence.pages(PAGEMAP, "resident after malloc, all rounds", 0, resident);
        evidence.yes(MEMORY, "every word is 0, all rounds", zero[0]);
        evidence.faults("reading every page", pages.count(), reading);
    }
}
