package io.github.ptmalloc4j.os;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MeteredOsTest {
    private static final long PAGE = 4096;
    private static final int READ_WRITE = Os.PROT_READ | Os.PROT_WRITE;

    private final List<String> heard = new ArrayList<>();
    private final MeteredOs os = new MeteredOs(Linux.KERNEL, 10 * PAGE, 8 * PAGE, new MappingObserver() {
        @Override
        public void mapped(long address, long bytes) {
            heard.add("mapped " + bytes / PAGE);
        }

        @Override
        public void unmapped(long address, long bytes) {
            heard.add("unmapped " + bytes / PAGE);
        }

        @Override
        public void grown(long address, long bytes) {
            heard.add("grown " + bytes / PAGE);
        }

        @Override
        public void trimmed(long address, long bytes) {
            heard.add("trimmed " + bytes / PAGE);
        }

        @Override
        public void refused(long bytes) {
            heard.add("refused " + bytes / PAGE);
        }

        @Override
        public void nearLimit(long mapped) {
            heard.add("near " + mapped / PAGE);
        }
    });

    private long map(long pages, int protection) {
        return os.mmap(0, pages * PAGE, protection, 0);
    }

    private void assertPages(long mapped, long reserved) {
        assertEquals(mapped, os.mapped() / PAGE, "mapped");
        assertEquals(reserved, os.reserved() / PAGE, "reserved");
        long inRanges = AddressRanges.bytes(os.accessibleRanges()) / PAGE;
        assertEquals(mapped, inRanges, "accessible ranges");
    }

    @Test
    void aRangeIsFreeOfChargeUntilItsPagesAreOpened() {
        long range = map(100, Os.PROT_NONE);
        assertPages(0, 100);
        assertTrue(os.mprotect(range, 4 * PAGE, READ_WRITE));
        assertTrue(os.mprotect(range + 2 * PAGE, 4 * PAGE, READ_WRITE));
        assertPages(6, 100);
        os.mmap(range + 4 * PAGE, 2 * PAGE, Os.PROT_NONE, Os.MAP_FIXED | Os.MAP_NORESERVE);
        assertPages(4, 100);
        assertTrue(os.munmap(range + 50 * PAGE, 50 * PAGE));
        assertPages(4, 50);
        assertTrue(os.munmap(range, 50 * PAGE));
        assertPages(0, 0);
        assertEquals(List.of("grown 4", "grown 2", "trimmed 2", "unmapped 4"), heard);
    }

    @Test
    void theLimitIsReachedToThePageAndNotPassed() {
        long one = map(6, READ_WRITE);
        assertEquals(Os.MAP_FAILED, map(5, READ_WRITE));
        assertPages(6, 6);
        long two = map(4, READ_WRITE);
        assertNotEquals(Os.MAP_FAILED, two);
        assertPages(10, 10);
        assertEquals(Os.MAP_FAILED, os.mremap(two, 4 * PAGE, 5 * PAGE));
        assertPages(10, 10);
        assertTrue(os.munmap(one, 6 * PAGE));
        two = os.mremap(two, 4 * PAGE, 10 * PAGE);
        assertPages(10, 10);
        assertTrue(os.munmap(two, 10 * PAGE));
        assertPages(0, 0);
        assertEquals(2, os.refusals());
    }

    @Test
    void openingPagesBeyondTheLimitIsRefused() {
        long range = map(100, Os.PROT_NONE);
        assertFalse(os.mprotect(range, 11 * PAGE, READ_WRITE));
        assertPages(0, 100);
        assertTrue(os.mprotect(range, 10 * PAGE, READ_WRITE));
        assertTrue(os.mprotect(range, 10 * PAGE, READ_WRITE), "what is open already costs nothing");
        assertTrue(os.munmap(range, 100 * PAGE));
    }

    @Test
    void nearingTheLimitIsToldOnceForEachCrossing() {
        long one = map(7, READ_WRITE);
        long two = map(1, READ_WRITE);
        long three = map(1, READ_WRITE);
        os.munmap(three, PAGE);
        assertEquals(List.of("mapped 7", "mapped 1", "near 8", "mapped 1", "unmapped 1"), sorted());
        heard.clear();
        os.munmap(two, PAGE);
        two = map(2, READ_WRITE);
        assertTrue(heard.contains("near 9"), heard.toString());
        os.munmap(one, 7 * PAGE);
        os.munmap(two, 2 * PAGE);
    }

    /** What was heard, the warning behind the mapping that caused it. */
    private List<String> sorted() {
        int near = heard.indexOf("near 8");
        heard.remove(near);
        heard.add(near + 1, "near 8");
        return heard;
    }

    @Test
    void aCallThatTheKernelRefusesLeavesTheCountsAlone() {
        MeteredOs unlimited = new MeteredOs(Linux.KERNEL, MeteredOs.NONE, MeteredOs.NONE, MappingObserver.NONE);
        assertEquals(Os.MAP_FAILED, unlimited.mmap(0, 1L << 48, READ_WRITE, 0));
        assertEquals(0, unlimited.mapped());
        assertEquals(0, unlimited.reserved());
        assertEquals(1, unlimited.systemCalls().mmap());
        assertEquals(1, unlimited.systemCalls().total());
    }

    @Test
    void whatTheLimitRefusesIsNoSystemCall() {
        map(11, READ_WRITE);
        assertEquals(0, os.systemCalls().total());
    }

    @Test
    void onlyPagesThatWereWrittenAreResident() {
        long mem = map(8, READ_WRITE);
        os.madvise(mem, 8 * PAGE, Os.MADV_NOHUGEPAGE);
        assumeTrue(os.resident() >= 0, "no page map on this machine");
        assertEquals(0, os.resident());
        for (int i = 0; i < 3; i++) {
            Memory.putByte(mem + 2 * i * PAGE, (byte) 1);
        }
        assertEquals(3 * PAGE, os.resident());
        os.madvise(mem, PAGE, Os.MADV_DONTNEED);
        assertEquals(2 * PAGE, os.resident());
        os.munmap(mem, 8 * PAGE);
        assertEquals(0, os.resident());
        assertArrayEquals(new long[0][], os.reservedRanges());
    }

    @Test
    void aBreakIsCountedInWholePages() {
        Os fake = new Pretended();
        MeteredOs metered = new MeteredOs(fake, 10 * PAGE, MeteredOs.NONE, MappingObserver.NONE);
        assertEquals(PAGE + 16, metered.sbrk(0));
        metered.sbrk(PAGE);
        assertEquals(PAGE, metered.mapped());
        metered.sbrk(8 * PAGE);
        assertEquals(Os.MAP_FAILED, metered.sbrk(2 * PAGE));
        assertEquals(9 * PAGE, metered.mapped());
        metered.sbrk(-9 * PAGE);
        assertEquals(0, metered.mapped());
        assertEquals(3, metered.systemCalls().sbrk());
    }

    /** A break that moves in thought only, and does not begin on a page. */
    private static final class Pretended implements Os {
        private long current = PAGE + 16;

        @Override
        public long sbrk(long increment) {
            current += increment;
            return current - increment;
        }

        @Override
        public long mmap(long address, long length, int protection, int flags) {
            throw new AssertionError();
        }

        @Override
        public boolean munmap(long address, long length) {
            throw new AssertionError();
        }

        @Override
        public long mremap(long address, long oldLength, long newLength) {
            throw new AssertionError();
        }

        @Override
        public boolean mprotect(long address, long length, int protection) {
            throw new AssertionError();
        }

        @Override
        public boolean madvise(long address, long length, int advice) {
            throw new AssertionError();
        }

        @Override
        public long random() {
            return 0;
        }
    }
}
