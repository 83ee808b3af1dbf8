package io.github.ptmalloc4j.verify;

import static io.github.ptmalloc4j.verify.Mapped.PAGE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.Os;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PagemapTest {
    @BeforeAll
    static void needsPagemap() {
        assumeTrue(Pagemap.unavailable().isEmpty(), () -> Pagemap.unavailable().orElse(""));
    }

    private static Pagemap of(Mapped pages) {
        return Pagemap.of(pages.from(), pages.to());
    }

    @Test
    void exactlyTheTouchedPagesAreResident() {
        try (Mapped pages = Mapped.pages(100)) {
            assertEquals(100, of(pages).pages());
            assertEquals(0, of(pages).resident());
            pages.write(10, 7);
            assertEquals(7, of(pages).resident());
            assertEquals(3, Pagemap.of(pages.page(14), pages.to()).resident());
        }
    }

    @Test
    void aRangeCountsEachPageThatItTouches() {
        try (Mapped pages = Mapped.pages(3)) {
            pages.write(0, 3);
            Pagemap pagemap = Pagemap.of(pages.page(1) - 1, pages.page(1) + 1);
            assertEquals(2, pagemap.pages());
            assertEquals(2, pagemap.resident());
        }
    }

    @Test
    void aRangeOfSeveralBatchesIsReadInOrder() {
        try (Mapped pages = Mapped.pages(20_000)) {
            pages.write(8_191, 2);
            pages.write(19_999, 1);
            assertEquals(3, of(pages).resident());
            assertEquals(1, Pagemap.of(pages.from(), pages.page(8_192)).resident());
            assertEquals(1, Pagemap.of(pages.page(8_193), pages.to()).resident());
        }
    }

    @Test
    void aPageThatWasOnlyReadIsAZeroPageAndNobodysOwn() {
        try (Mapped pages = Mapped.pages(50)) {
            pages.read(0, 20);
            pages.write(20, 5);
            assertEquals(25, of(pages).resident());
            assertEquals(20, of(pages).zeroPages());
            assertEquals(5, of(pages).owned());
            pages.write(0, 20);
            assertEquals(0, of(pages).zeroPages());
            assertEquals(25, of(pages).owned());
        }
    }

    @Test
    void theKernelsFlagsNameTheSameZeroPages() {
        try (Mapped pages = Mapped.pages(50)) {
            pages.read(0, 20);
            pages.write(20, 5);
            Pagemap pagemap = of(pages);
            assumeTrue(PageFlags.unavailable(pagemap).isEmpty());
            assertEquals(pagemap.zeroPages(), PageFlags.zeroPages(pagemap));
            assertEquals(25, pagemap.frames().count());
            assertEquals(6, pagemap.frames().distinct().count(), "one frame of zeros and five of our own");
        }
    }

    @Test
    void flagsAreUnavailableWhereNoFrameIsKnown() {
        try (Mapped pages = Mapped.pages(1)) {
            Optional<String> reason = PageFlags.unavailable(of(pages));
            assertEquals(true, reason.isPresent());
        }
    }

    @Test
    void pagesGivenBackAreGone() {
        try (Mapped pages = Mapped.pages(10)) {
            pages.write(0, 10);
            Linux.KERNEL.madvise(pages.page(2), 3 * PAGE, Os.MADV_DONTNEED);
            assertEquals(7, of(pages).resident());
            assertEquals(0, of(pages).swapped());
        }
    }

    @Test
    void anAddressThatIsNotMappedHasNoPage() {
        try (Mapped pages = Mapped.pages(4)) {
            pages.write(0, 4);
            Linux.KERNEL.munmap(pages.page(1), 2 * PAGE);
            assertEquals(4, of(pages).pages());
            assertEquals(2, of(pages).resident());
        }
    }

    @Test
    void residentPagesAreTheRssOfSmaps() {
        try (Mapped pages = Mapped.pages(64)) {
            pages.write(3, 33);
            assertEquals(
                    of(pages).resident() * PAGE,
                    Smaps.of(pages.from(), pages.to()).bytes("Rss"));
        }
    }

    @Test
    void pageTablesThatMoveKeepTheirFrames() {
        long from = Linux.KERNEL.mmap(0, 8 * PAGE, Os.PROT_READ | Os.PROT_WRITE, Os.MAP_POPULATE);
        Pagemap before = Pagemap.of(from, from + 8 * PAGE);
        assumeTrue(before.framesVisible());
        long to = Linux.KERNEL.mremap(from, 8 * PAGE, 800 * PAGE);
        Pagemap after = Pagemap.of(to, to + 800 * PAGE);
        Linux.KERNEL.munmap(to, 800 * PAGE);
        assertArrayEquals(before.frames().toArray(), after.frames().toArray());
    }
}
