package io.github.ptmalloc4j.lab.verify;

import static io.github.ptmalloc4j.lab.verify.Witness.MEMORY;
import static io.github.ptmalloc4j.lab.verify.Witness.PAGEMAP;

import io.github.ptmalloc4j.Ptmalloc;
import io.github.ptmalloc4j.os.Memory;

/** Claim 7. */
final class LargeCalloc {
    private static final long BYTES = 8 << 20;

    private final Ptmalloc heap = Heaps.onProgramBreak();
    private final FaultCount calling = new FaultCount();
    private final FaultCount filling = new FaultCount();
    private long mem;
    private Pages zeroed;
    private Pages filled;
    private long residentAfterCalloc;

    private LargeCalloc() {}

    static void measure(Evidence evidence) {
        evidence.expect("""
            A fresh mapping reads as zero, so calloc has nothing to clear: the one page that faults is that of the
            header, in front of the block's first page. malloc and filling the block faults every page of the
            mapping, which is the request with its header, rounded up. Faults are the fewest of %d rounds, each on
            fresh blocks: the JVM's own can only add to a round.\
            """.formatted(FaultCount.ROUNDS));
        evidence.needsPagemap();
        LargeCalloc proof = new LargeCalloc();
        for (int round = 0; round < FaultCount.ROUNDS; round++) {
            proof.round();
        }
        proof.report(evidence);
    }

    private void round() {
        calling.around(() -> mem = heap.calloc(BYTES / 8, 8));
        zeroed = mapping(mem);
        residentAfterCalloc += zeroed.resident();
        filling.around(() -> mem = allocateAndFill(heap));
        filled = mapping(mem);
    }

    private void report(Evidence evidence) {
        int rounds = FaultCount.ROUNDS;
        Pages block = new Pages(zeroed.from() + Rules.PAGE, zeroed.to());
        evidence.when("calloc of 8 MiB");
        evidence.faults("the call: its header's page", 1, calling);
        evidence.pages(
                PAGEMAP, "resident in its mapping, all %d rounds".formatted(rounds), rounds, residentAfterCalloc);
        evidence.pages(PAGEMAP, "resident behind the header's page", 0, block.resident());
        evidence.yes(MEMORY, "every word is 0", isZero(zeroed.from() + Rules.HEADER));
        long pages = Rules.mapping(BYTES) / Rules.PAGE;
        evidence.when("malloc of 8 MiB and filling it");
        evidence.faults("both", pages, filling);
        evidence.pages(PAGEMAP, "resident in its mapping", pages, filled.resident());
    }

    /** All of a mapped chunk, its header included. */
    private static Pages mapping(long mem) {
        return new Pages(mem - Rules.HEADER, mem - Rules.HEADER + Rules.mapping(BYTES));
    }

    private static long allocateAndFill(Ptmalloc heap) {
        long mem = heap.malloc(BYTES);
        Memory.fill(mem, BYTES, (byte) 1);
        return mem;
    }

    private static boolean isZero(long mem) {
        long seen = 0;
        for (long offset = 0; offset < BYTES; offset += Long.BYTES) {
            seen |= Memory.getLong(mem + offset);
        }
        return seen == 0;
    }
}
