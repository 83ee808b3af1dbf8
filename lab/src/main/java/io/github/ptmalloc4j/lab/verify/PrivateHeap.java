package io.github.ptmalloc4j.lab.verify;

import static io.github.ptmalloc4j.lab.verify.Witness.MAPS;
import static io.github.ptmalloc4j.lab.verify.Witness.SBRK;

import io.github.ptmalloc4j.Ptmalloc;
import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import io.github.ptmalloc4j.verify.Maps;

/** Claim 11, the one claim that is not about the program break. */
final class PrivateHeap {
    private static final long RESERVATION = 1L << 30;
    private static final long BLOCK = 1 << 20;

    private final Evidence evidence;
    private final Ptmalloc heap;
    private final long base;
    private final long programBreak = Linux.KERNEL.sbrk(0);

    private PrivateHeap(Evidence evidence) {
        this.evidence = evidence;
        // 1 MiB comes from the break, not from a mapping.
        this.heap = Ptmalloc.create(Tunables.builder().mmapThreshold(BLOCK * 64).build(), RESERVATION);
        this.base = heap.breakStart();
    }

    static void measure(Evidence evidence) {
        evidence.expect("""
            The heap reserves 1 GiB of addresses without access. Its break is a line inside: below it rw-p, above it
            ---p. It moves by the same rules as the program break, which stays where it was, without a [heap].\
            """);
        PrivateHeap proof = new PrivateHeap(evidence);
        proof.state("after create: nothing yet", 0);
        proof.growAndShrink();
    }

    private void growAndShrink() {
        long first = Rules.growth(Rules.TCACHE, 0);
        heap.malloc(24);
        state("after malloc(24): 132 KiB", first);
        long top = first - Rules.TCACHE - Rules.chunk(24);
        long second = first + Rules.growth(Rules.chunk(BLOCK), top);
        long mem = heap.malloc(BLOCK);
        state("after malloc(1 MiB): grown", second);
        heap.free(mem);
        // The block and what was top before it are above the trim threshold: down to top_pad at once.
        long third = second - Rules.trimmed(second - Rules.TCACHE - Rules.chunk(24), Rules.KIB_128);
        state("after free: trimmed to top_pad", third);
        heap.mallocTrim(0);
        long fourth = third - Rules.trimmed(third - Rules.TCACHE - Rules.chunk(24), 0);
        state("after mallocTrim(0): trimmed to MINSIZE", fourth);
        heap.close();
        evidence.when("after close");
        evidence.word(MAPS, "where the first page was", Maps.UNMAPPED, permissions(base, base + Rules.PAGE));
    }

    private void state(String moment, long grown) {
        evidence.when(moment);
        if (grown > 0) {
            evidence.word(MAPS, "the first %,d bytes are".formatted(grown), "rw-p", permissions(base, base + grown));
        }
        evidence.word(MAPS, "the rest of 1 GiB is", "---p", permissions(base + grown, base + RESERVATION));
        evidence.number(
                MAPS, "lines named [heap]", 0, Maps.read().named(Maps.HEAP).size());
        evidence.hex(SBRK, "program break", programBreak, Linux.KERNEL.sbrk(0));
    }

    private static String permissions(long from, long to) {
        return Maps.read().permissions(from, to);
    }
}
