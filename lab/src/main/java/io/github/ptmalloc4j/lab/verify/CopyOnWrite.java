package io.github.ptmalloc4j.lab.verify;

import static io.github.ptmalloc4j.lab.verify.Witness.MEMORY;
import static io.github.ptmalloc4j.lab.verify.Witness.PAGEMAP;

import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.os.Os;

/** Claim 16. fork in a JVM leaves one thread and is unsafe; a file in memory shows the same. */
final class CopyOnWrite {
    private static final long PAGES = 256;
    private static final long BYTES = PAGES * Rules.PAGE;
    /** Writes go to the file. */
    private static final int MAP_SHARED = 1;

    private static final int SEED = 16;

    private CopyOnWrite() {}

    static void measure(Evidence evidence) {
        evidence.expect("""
            The file is filled through a shared view. In a private view each first write to a page gets a copy of
            that page: one fault a page, whether it was read before or not, and the file keeps its bytes. Faults
            are the fewest of %d rounds, each on a fresh view: the JVM's own can only add to a round.\
            """.formatted(FaultCount.ROUNDS));
        evidence.needsPagemap();
        int fd = Linux.KERNEL.memfd("copy-on-write", BYTES);
        long backing = view(fd, MAP_SHARED);
        Pattern.fill(backing, BYTES, SEED);
        write(evidence, fd, backing, "a private view, never read", false);
        write(evidence, fd, backing, "a private view, read before", true);
        Linux.KERNEL.close(fd);
    }

    private static void write(Evidence evidence, int fd, long backing, String title, boolean readFirst) {
        FaultCount faults = new FaultCount();
        Pages pages = null;
        long owned = 0;
        for (int round = 0; round < FaultCount.ROUNDS; round++) {
            long mine = view(fd, Os.MAP_PRIVATE);
            pages = Pages.inside(mine, BYTES);
            if (readFirst) {
                pages.readAsZero();
            }
            owned += pages.pagemap().owned();
            faults.around(pages::write);
        }
        evidence.when(title);
        evidence.pages(PAGEMAP, "our own before, all rounds", 0, owned);
        evidence.faults("writing to each of %d pages".formatted(PAGES), PAGES, faults);
        evidence.pages(PAGEMAP, "our own afterwards", PAGES, pages.pagemap().owned());
        evidence.pages(MEMORY, "hold the new byte, in the view", PAGES, changed(pages.from()));
        evidence.number(MEMORY, "changed words in the file", 0, Pattern.damage(backing, BYTES, SEED));
    }

    private static long view(int fd, int flags) {
        return Linux.KERNEL.mmap(0, BYTES, Os.PROT_READ | Os.PROT_WRITE, flags, fd);
    }

    private static long changed(long view) {
        long changed = 0;
        for (long page = view; page < view + BYTES; page += Rules.PAGE) {
            changed += Memory.getByte(page) == 1 ? 1 : 0;
        }
        return changed;
    }
}
