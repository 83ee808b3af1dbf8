package io.github.ptmalloc4j.verify;

import static io.github.ptmalloc4j.verify.Mapped.PAGE;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SmapsTest {
    @Test
    void sizesAreThoseOfTheMappingInBytes() {
        try (Mapped pages = Mapped.pages(30)) {
            pages.write(0, 11);
            Smaps smaps = Smaps.of(pages.from(), pages.to());
            assertEquals(30 * PAGE, smaps.bytes("Size"));
            assertEquals(11 * PAGE, smaps.bytes("Anonymous"));
            assertEquals(0, smaps.bytes("AnonHugePages"));
        }
    }

    @Test
    void aMappingCountsWholeAlsoWhereTheRangeHoldsAPartOfIt() {
        try (Mapped pages = Mapped.pages(30)) {
            assertEquals(30 * PAGE, Smaps.of(pages.page(3), pages.page(4)).bytes("Size"));
        }
    }

    @Test
    void severalMappingsAreSummed() {
        try (Mapped pages = Mapped.pages(30)) {
            long withGuards = Smaps.of(pages.from() - 1, pages.to() + 1).bytes("Size");
            long guards = Maps.read().at(pages.from() - 1).orElseThrow().bytes()
                    + Maps.read().at(pages.to()).orElseThrow().bytes();
            assertEquals(30 * PAGE + guards, withGuards);
        }
    }

    @Test
    void aFieldThatTheKernelDoesNotKnowIsZero() {
        try (Mapped pages = Mapped.pages(1)) {
            assertEquals(0, Smaps.of(pages.from(), pages.to()).bytes("NoSuchField"));
            assertEquals(PAGE, Smaps.of(pages.from(), pages.to()).bytes("Size"));
        }
    }
}
