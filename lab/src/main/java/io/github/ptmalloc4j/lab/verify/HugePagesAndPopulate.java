package io.github.ptmalloc4j.lab.verify;

import static io.github.ptmalloc4j.lab.verify.Witness.KERNEL;
import static io.github.ptmalloc4j.lab.verify.Witness.PAGEMAP;
import static io.github.ptmalloc4j.lab.verify.Witness.SMAPS;

import io.github.ptmalloc4j.Ptmalloc;
import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.Os;
import io.github.ptmalloc4j.verify.Smaps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Claim 15. */
final class HugePagesAndPopulate {
    private static final Path HUGE_PAGES = Path.of("/sys/kernel/mm/transparent_hugepage");
    private static final long MIB = 1 << 20;
    private static final long HUGE = 2 * MIB;
    private static final long BYTES = 16 * MIB;
    private static final long POPULATED = 4 * MIB;

    private HugePagesAndPopulate() {}

    static void measure(Evidence evidence) throws IOException {
        evidence.expect("""
            A block of 16 MiB aligned to 2 MiB and advised MADV_HUGEPAGE holds 8 huge pages: writing to each of its
            4,096 small pages costs 8 faults. With MAP_POPULATE the kernel has made all pages before mmap returns,
            so the touch costs none. Faults are the fewest of %d rounds, each on fresh memory.\
            """.formatted(FaultCount.ROUNDS));
        evidence.needsPagemap();
        populate(evidence);
        needsHugePages();
        advise(evidence);
    }

    private static void populate(Evidence evidence) {
        FaultCount faults = new FaultCount();
        long resident = 0;
        for (int round = 0; round < FaultCount.ROUNDS; round++) {
            long address = Linux.KERNEL.mmap(0, POPULATED, Os.PROT_READ | Os.PROT_WRITE, Os.MAP_POPULATE);
            Pages pages = new Pages(address, address + POPULATED);
            resident = pages.resident();
            faults.around(pages::write);
        }
        evidence.when("mmap of 4 MiB with MAP_POPULATE");
        evidence.pages(PAGEMAP, "resident before it is touched", POPULATED / Rules.PAGE, resident);
        evidence.faults("writing to every page", 0, faults);
    }

    private static void advise(Evidence evidence) {
        Ptmalloc heap = Heaps.onProgramBreak();
        Linux.KERNEL.allowTransparentHugePages(true);
        FaultCount faults = new FaultCount();
        boolean advised = true;
        long resident = 0;
        long huge = 0;
        for (int round = 0; round < FaultCount.ROUNDS; round++) {
            long mem = heap.memalign(HUGE, BYTES);
            Pages block = new Pages(mem, mem + BYTES);
            advised &= Linux.KERNEL.madvise(mem, BYTES, Os.MADV_HUGEPAGE);
            faults.around(block::write);
            resident = block.resident();
            huge = Math.max(huge, Smaps.of(mem, mem + BYTES).bytes("AnonHugePages"));
        }
        if (huge < BYTES) {
            throw new NotProvable(
                    "memory is fragmented: of 16 MiB only %d MiB became huge pages".formatted(huge / MIB));
        }
        evidence.when("memalign(2 MiB, 16 MiB) and madvise(MADV_HUGEPAGE)");
        evidence.yes(KERNEL, "madvise is taken", advised);
        evidence.faults("writing to every page", BYTES / HUGE, faults);
        evidence.pages(PAGEMAP, "resident", BYTES / Rules.PAGE, resident);
        evidence.bytes(SMAPS, "in huge pages (AnonHugePages)", BYTES, huge);
    }

    private static void needsHugePages() throws IOException {
        String mode = selected(HUGE_PAGES.resolve("enabled"), "there are none");
        String ofThisSize = selected(HUGE_PAGES.resolve("hugepages-2048kB/enabled"), "inherit");
        String used = ofThisSize.equals("inherit") ? mode : ofThisSize;
        if (!used.equals("madvise") && !used.equals("always")) {
            throw new NotProvable("transparent huge pages of 2 MiB are not to be had: " + used);
        }
    }

    /** The word in brackets of a file such as {@code always [madvise] never}. */
    private static String selected(Path file, String otherwise) throws IOException {
        if (!Files.isReadable(file)) {
            return otherwise;
        }
        String text = Files.readString(file);
        return text.substring(text.indexOf('[') + 1, text.indexOf(']'));
    }
}
