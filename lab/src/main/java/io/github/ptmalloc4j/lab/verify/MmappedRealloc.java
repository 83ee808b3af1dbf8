package io.github.ptmalloc4j.lab.verify;

import static io.github.ptmalloc4j.lab.verify.Witness.MEMORY;
import static io.github.ptmalloc4j.lab.verify.Witness.PAGEMAP;
import static io.github.ptmalloc4j.lab.verify.Witness.SYSTEM_CALLS;

import io.github.ptmalloc4j.ptmalloc.Malloc;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import io.github.ptmalloc4j.verify.Pagemap;
import java.util.Arrays;

/** Claim 8. */
final class MmappedRealloc {
    private static final long SMALL = 8 << 20;
    private static final long LARGE = 32 << 20;

    private final Evidence evidence;
    private final CountingOs os = new CountingOs();
    private final Malloc heap = Heaps.onProgramBreak(os, Tunables.GLIBC);
    private final FaultCount faults = new FaultCount();

    private long mem;
    private Pagemap before;
    private Pagemap after;
    private long damage;

    private MmappedRealloc(Evidence evidence) {
        this.evidence = evidence;
    }

    static void measure(Evidence evidence) {
        evidence.expect("""
            realloc of a mapped chunk is one mremap. The pages of the old mapping are those of the new one, frame by
            frame, so nothing is copied and nothing faults; the pages that come new are not resident. Faults are
            the fewest of %d rounds, each on a fresh block: the JVM's own can only add to a round.\
            """.formatted(FaultCount.ROUNDS));
        evidence.needsPagemap();
        MmappedRealloc proof = new MmappedRealloc(evidence);
        for (int round = 0; round < FaultCount.ROUNDS; round++) {
            proof.round(round);
        }
        proof.report();
    }

    private void round(int seed) {
        mem = heap.malloc(SMALL);
        Pattern.fill(mem, SMALL, seed);
        before = pagemap(SMALL);
        os.forget();
        faults.around(() -> mem = heap.realloc(mem, LARGE));
        after = pagemap(LARGE);
        damage += Pattern.damage(mem, SMALL, seed);
    }

    /** Of the mapping of the block as it is now, its header included. */
    private Pagemap pagemap(long request) {
        long chunk = mem - Rules.HEADER;
        return Pagemap.of(chunk, chunk + Rules.mapping(request));
    }

    private void report() {
        long pages = Rules.mapping(SMALL) / Rules.PAGE;
        evidence.when("after malloc(8 MiB) and filling it");
        evidence.pages(PAGEMAP, "resident in the mapping", pages, before.resident());
        evidence.when("after realloc to 32 MiB");
        evidence.word(SYSTEM_CALLS, "calls", "mremap", os.names());
        evidence.faults("the call", 0, faults);
        evidence.pages(PAGEMAP, "in the mapping", Rules.mapping(LARGE) / Rules.PAGE, after.pages());
        evidence.pages(PAGEMAP, "resident", pages, after.resident());
        if (before.framesVisible()) {
            boolean same =
                    Arrays.equals(before.frames().toArray(), after.frames().toArray());
            evidence.yes(PAGEMAP, "their frames are the old ones, in order", same);
        }
        evidence.number(MEMORY, "damaged words, all rounds", 0, damage);
    }
}
