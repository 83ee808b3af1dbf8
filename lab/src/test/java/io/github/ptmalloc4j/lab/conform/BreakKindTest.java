package io.github.ptmalloc4j.lab.conform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.Os;
import org.junit.jupiter.api.Test;

class BreakKindTest {
    private static final long UNEVEN = BreakKind.RESERVATION + PlacedMappings.ALIGNMENT + Linux.KERNEL.pageSize();

    /** Otherwise the kernel may put an area there, whose chunks are then compared as if they lay on the break. */
    @Test
    void noMappingLiesWhereAnAddressIsTakenForOneOnTheBreak() {
        // What comes next lies below it, and so at an address that is not aligned.
        long above = Linux.KERNEL.mmap(0, UNEVEN, Os.PROT_NONE, Os.MAP_NORESERVE);
        assertNotEquals(Os.MAP_FAILED, above);
        try (WalledBreak moreCore = BreakKind.PRIVATE.open()) {
            long start = moreCore.align();
            assertEquals(start, moreCore.morecore(BreakKind.RESERVATION));
        } finally {
            Linux.KERNEL.munmap(above, UNEVEN);
        }
    }
}
