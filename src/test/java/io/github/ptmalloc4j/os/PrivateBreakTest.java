package io.github.ptmalloc4j.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrivateBreakTest {
    private static final long MIB = 1L << 20;

    /** A system without memory, of whom only mmap is asked. */
    private static final class Poor implements Os {
        final List<Long> lengths = new ArrayList<>();
        private final long most;

        Poor(long most) {
            this.most = most;
        }

        @Override
        public long mmap(long address, long length, int protection, int flags) {
            lengths.add(length);
            return length <= most ? 1L << 30 : MAP_FAILED;
        }

        @Override
        public boolean munmap(long address, long length) {
            return true;
        }

        @Override
        public long mremap(long address, long oldLength, long newLength) {
            return MAP_FAILED;
        }

        @Override
        public boolean mprotect(long address, long length, int protection) {
            return false;
        }

        @Override
        public boolean madvise(long address, long length, int advice) {
            return false;
        }

        @Override
        public long sbrk(long increment) {
            throw new AssertionError("a private break never moves the program break");
        }

        @Override
        public long random() {
            return 4;
        }
    }

    private static PrivateBreak reserve(long bytes) {
        return PrivateBreak.reserve(Linux.KERNEL, bytes);
    }

    @Test
    void growingReturnsWhereTheBreakWas() {
        try (PrivateBreak brk = reserve(MIB)) {
            assertEquals(brk.base(), brk.morecore(0));
            assertEquals(brk.base(), brk.morecore(8192));
            assertEquals(brk.base() + 8192, brk.morecore(4096));
            assertEquals(brk.base() + 12_288, brk.morecore(0));
        }
    }

    @Test
    void whatItGrewByIsZeroAndWritable() {
        try (PrivateBreak brk = reserve(MIB)) {
            brk.morecore(8192);
            for (long i = 0; i < 8192; i += 8) {
                assertEquals(0, Memory.getLong(brk.base() + i));
                Memory.putLong(brk.base() + i, i);
            }
            assertEquals(8184, Memory.getLong(brk.base() + 8184));
        }
    }

    @Test
    void whatItShrankByIsZeroWhenItGrowsAgain() {
        try (PrivateBreak brk = reserve(MIB)) {
            brk.morecore(12_288);
            Memory.fill(brk.base(), 12_288, (byte) 7);
            assertEquals(brk.base() + 12_288, brk.morecore(-8192));
            assertEquals(brk.base() + 4096, brk.morecore(8192));
            assertEquals(7, Memory.getByte(brk.base() + 4095));
            for (long i = 4096; i < 12_288; i++) {
                assertEquals(0, Memory.getByte(brk.base() + i));
            }
        }
    }

    @Test
    void itMovesByBytesToo() {
        try (PrivateBreak brk = reserve(MIB)) {
            assertEquals(brk.base(), brk.morecore(100));
            Memory.putByte(brk.base() + 99, (byte) 1);
            assertEquals(brk.base() + 100, brk.morecore(5000));
            Memory.putByte(brk.base() + 5099, (byte) 1);
            assertEquals(brk.base() + 5100, brk.morecore(-5000));
            assertEquals(1, Memory.getByte(brk.base() + 99));
        }
    }

    @Test
    void itGoesUpToItsLimitAndNoFurther() {
        try (PrivateBreak brk = reserve(MIB)) {
            assertEquals(MIB, brk.limit() - brk.base());
            assertEquals(MoreCore.FAILURE, brk.morecore(MIB + 1));
            assertEquals(brk.base(), brk.morecore(MIB));
            assertEquals(MoreCore.FAILURE, brk.morecore(1));
            assertEquals(brk.limit(), brk.morecore(0));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE, 1L << 62, 1L << 47, Long.MIN_VALUE, -4097, -1L << 47})
    void anImpossibleMoveLeavesItWhereItIs(long increment) {
        try (PrivateBreak brk = reserve(MIB)) {
            brk.morecore(4096);
            assertEquals(MoreCore.FAILURE, brk.morecore(increment));
            assertEquals(brk.base() + 4096, brk.morecore(0));
            Memory.putByte(brk.base() + 4095, (byte) 1);
        }
    }

    @Test
    void aMoveThatTheSystemRefusesLeavesItWhereItIs() {
        PrivateBreak brk = PrivateBreak.reserve(new Poor(MIB), MIB);
        assertEquals(MoreCore.FAILURE, brk.morecore(4096));
        assertEquals(brk.base(), brk.morecore(0));
    }

    @Test
    void theReservationIsRoundedUpToPages() {
        try (PrivateBreak brk = reserve(5000)) {
            assertEquals(8192, brk.limit() - brk.base());
        }
        try (PrivateBreak brk = reserve(0)) {
            assertEquals(4096, brk.limit() - brk.base());
        }
    }

    @Test
    void theReservationIsHalvedWhereAddressesAreShort() {
        Poor poor = new Poor(10 * MIB);
        PrivateBreak brk = PrivateBreak.reserve(poor, 64 * MIB);
        assertEquals(8 * MIB, brk.limit() - brk.base());
        assertEquals(List.of(64 * MIB, 32 * MIB, 16 * MIB, 8 * MIB), poor.lengths);
    }

    @Test
    void belowOneMibItGivesUp() {
        Poor poor = new Poor(MIB - 1);
        assertThrows(OutOfMemoryError.class, () -> PrivateBreak.reserve(poor, 4 * MIB));
        assertEquals(List.of(4 * MIB, 2 * MIB, MIB), poor.lengths);
    }

    @Test
    void whoAsksForLessThanOneMibGetsThatOrNothing() {
        Poor poor = new Poor(4096);
        assertThrows(OutOfMemoryError.class, () -> PrivateBreak.reserve(poor, 8192));
        assertEquals(List.of(8192L), poor.lengths);
    }

    @Test
    void moreThanAllAddressesIsReservedAsFarAsTheyGo() {
        try (PrivateBreak brk = reserve(1L << 50)) {
            assertTrue(brk.limit() - brk.base() >= 1L << 40);
            assertEquals(brk.base(), brk.morecore(4096));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE, Long.MAX_VALUE - 4095, 1L << 62})
    void anAbsurdReservationIsHalvedLikeAnyOther(long bytes) {
        try (PrivateBreak brk = reserve(bytes)) {
            assertTrue(brk.limit() - brk.base() >= 1L << 40);
        }
    }

    @Test
    void closingTwiceUnmapsOnce() {
        PrivateBreak brk = reserve(MIB);
        long base = brk.base();
        brk.close();
        long other = Linux.KERNEL.mmap(base, MIB, Os.PROT_READ | Os.PROT_WRITE, 0);
        brk.close();
        Memory.putLong(other, 42);
        assertEquals(42, Memory.getLong(other));
        Linux.KERNEL.munmap(other, MIB);
    }
}
