package io.github.ptmalloc4j.lab.verify;

import static io.github.ptmalloc4j.lab.verify.Witness.KPAGEFLAGS;
import static io.github.ptmalloc4j.lab.verify.Witness.MEMORY;
import static io.github.ptmalloc4j.lab.verify.Witness.PAGEMAP;

import io.github.ptmalloc4j.Ptmalloc;
import io.github.ptmalloc4j.verify.PageFlags;
import io.github.ptmalloc4j.verify.Pagemap;

/** Claim 6: what a page is after it was only read. */
final class ZeroPage {
    private static final long BYTES = 1 << 20;
    /** How many pages are touched. */
    private static final long K = 16;

    private final Ptmalloc heap = Heaps.onProgramBreak();
    private final FaultCount reading = new FaultCount();
    private final FaultCount writing = new FaultCount();
    private final FaultCount writingAgain = new FaultCount();
    private boolean zero = true;
    private boolean flagsVisible;
    private long zeroFrames;
    private Pagemap afterRead;
    private Pagemap afterWrite;

    private ZeroPage() {}

    static void measure(Evidence evidence) {
        evidence.expect("""
            A read finds no page and gets the kernel's one page of zeros, shared by all and nobody's own; the write
            finds that page write-protected and gets one of its own: two faults a page, a third touch none. Faults
            are the fewest of %d rounds, each on a fresh block: the JVM's own can only add to a round.\
            """.formatted(FaultCount.ROUNDS));
        evidence.needsPagemap();
        ZeroPage proof = new ZeroPage();
        for (int round = 0; round < FaultCount.ROUNDS; round++) {
            proof.round();
        }
        proof.report(evidence);
    }

    private void round() {
        Pages pages = Pages.inside(heap.malloc(BYTES), BYTES).first(K);
        reading.around(() -> zero &= pages.readAsZero());
        afterRead = pages.pagemap();
        flagsVisible = PageFlags.unavailable(afterRead).isEmpty();
        zeroFrames = flagsVisible ? PageFlags.zeroPages(afterRead) : 0;
        writing.around(pages::write);
        afterWrite = pages.pagemap();
        writingAgain.around(pages::write);
    }

    private void report(Evidence evidence) {
        evidence.when("after reading %d untouched pages".formatted(K));
        evidence.faults("reading", K, reading);
        evidence.yes(MEMORY, "every word is 0", zero);
        state(evidence, afterRead, K, 0);
        if (flagsVisible) {
            evidence.pages(KPAGEFLAGS, "are the kernel's page of zeros", K, zeroFrames);
        }
        evidence.when("after writing to them");
        evidence.faults("writing", K, writing);
        state(evidence, afterWrite, 0, K);
        evidence.when("after writing once more");
        evidence.faults("writing again", 0, writingAgain);
    }

    private static void state(Evidence evidence, Pagemap pagemap, long nobodys, long own) {
        evidence.pages(PAGEMAP, "resident", nobodys + own, pagemap.resident());
        evidence.pages(PAGEMAP, "of them nobody's", nobodys, pagemap.zeroPages());
        evidence.pages(PAGEMAP, "of them our own", own, pagemap.owned());
    }
}
