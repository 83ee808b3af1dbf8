package io.github.ptmalloc4j.lab.verify;

import static io.github.ptmalloc4j.lab.verify.Witness.HEAP;
import static io.github.ptmalloc4j.lab.verify.Witness.MAPS;
import static io.github.ptmalloc4j.lab.verify.Witness.PAGEMAP;
import static io.github.ptmalloc4j.lab.verify.Witness.SBRK;

import io.github.ptmalloc4j.Ptmalloc;
import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.ProgramBreak;
import io.github.ptmalloc4j.verify.Maps;
import io.github.ptmalloc4j.verify.Pagemap;

/** Claim 1. */
final class FirstMalloc {
    private static final long REQUEST = 24;

    private FirstMalloc() {}

    static void createsTheHeap(Evidence evidence) {
        evidence.expect("""
            The first chunk of a heap is the tcache's own table, 656 bytes. sysmalloc asks sbrk for it, for
            top_pad (128 KiB) and for MINSIZE (32), rounded up to pages, and for the bytes that align the first
            chunk to 16. The block follows the table. Only what holds a header or the table is touched.\
            """);
        evidence.needsPagemap();
        long start = ProgramBreak.startOfBreak();
        evidence.when("before the first malloc");
        evidence.number(
                MAPS, "lines named [heap]", 0, Maps.read().named(Maps.HEAP).size());
        evidence.hex(SBRK, "break, at start_brk of /proc/self/stat", start, Linux.KERNEL.sbrk(0));
        Ptmalloc heap = Heaps.onProgramBreak();
        afterwards(evidence, start, heap.malloc(REQUEST));
    }

    private static void afterwards(Evidence evidence, long start, long mem) {
        long skip = -start & 15;
        long end = Rules.pageUp(start + skip + Rules.growth(Rules.TCACHE, 0));
        Maps maps = Maps.read();
        Maps.Mapping heap = maps.named(Maps.HEAP).stream().findFirst().orElse(new Maps.Mapping(0, 0, "none", ""));
        evidence.when("after malloc(" + REQUEST + ")");
        evidence.number(MAPS, "lines named [heap]", 1, maps.named(Maps.HEAP).size());
        evidence.word(MAPS, "[heap] is", "rw-p", heap.permissions());
        evidence.hex(MAPS, "[heap] begins at start_brk", Rules.pageUp(start), heap.start());
        evidence.hex(SBRK, "break", end, Linux.KERNEL.sbrk(0));
        evidence.hex(MAPS, "[heap] ends at the break", end, heap.end());
        evidence.bytes(MAPS, "[heap] is long", end - Rules.pageUp(start), heap.bytes());
        long block = start + skip + Rules.TCACHE;
        evidence.hex(HEAP, "the block", block + Rules.HEADER, mem);
        // Top's header, behind the block's chunk, is the last thing written.
        long topHeaderEnd = block + Rules.chunk(REQUEST) + Rules.HEADER;
        long touched = (Rules.pageUp(topHeaderEnd) - Rules.pageDown(start)) / Rules.PAGE;
        evidence.pages(
                PAGEMAP, "resident in [heap]", touched, Pagemap.of(start, end).resident());
    }
}
