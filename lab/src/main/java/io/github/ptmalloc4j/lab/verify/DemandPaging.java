package io.github.ptmalloc4j.lab.verify;

import static io.github.ptmalloc4j.lab.verify.Witness.PAGEMAP;

import io.github.ptmalloc4j.Ptmalloc;

/** Claim 5: memory that was given out is not there until somebody touches it. */
final class DemandPaging {
    /** Below the mmap threshold: from top. */
    private static final long FROM_TOP = 100_000;
    /** Above it: a mapping. */
    private static final long MMAPPED = 1 << 20;
    /** How many pages are touched. */
    private static final long K = 16;

    private DemandPaging() {}

    static void measure(Evidence evidence) {
        evidence.expect("""
            malloc writes headers only. Of the whole pages inside a block none is resident, then exactly those
            written to, at one fault each. Faults are the fewest of %d rounds, each on a fresh block: the JVM's own
            can only add to a round.\
            """.formatted(FaultCount.ROUNDS));
        evidence.needsPagemap();
        Ptmalloc heap = Heaps.onProgramBreak();
        touch(evidence, heap, FROM_TOP, "a block from top, malloc(%,d)");
        touch(evidence, heap, MMAPPED, "an mmapped block, malloc(%,d)");
    }

    private static void touch(Evidence evidence, Ptmalloc heap, long bytes, String title) {
        FaultCount faults = new FaultCount();
        long before = 0;
        long after = 0;
        long elsewhere = 0;
        for (int round = 0; round < FaultCount.ROUNDS; round++) {
            Pages block = Pages.inside(heap.malloc(bytes), bytes);
            Pages touched = block.first(K);
            before += block.resident();
            faults.around(touched::write);
            after += touched.resident();
            elsewhere += block.resident() - touched.resident();
        }
        evidence.when(title.formatted(bytes));
        evidence.pages(PAGEMAP, "resident before it is touched, all rounds", 0, before);
        evidence.faults("writing to %d of its pages".formatted(K), K, faults);
        evidence.pages(
                PAGEMAP,
                "resident of those %d, all %d rounds".formatted(K, FaultCount.ROUNDS),
                K * FaultCount.ROUNDS,
                after);
        evidence.pages(PAGEMAP, "resident of the others, all rounds", 0, elsewhere);
    }
}
