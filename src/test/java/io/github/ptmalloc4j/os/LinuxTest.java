package io.github.ptmalloc4j.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinuxTest {
    private static final int READ_WRITE = Os.PROT_READ | Os.PROT_WRITE;
    private static final int EINVAL = 22;

    private final Linux kernel = Linux.KERNEL;

    @Test
    void mmapGivesZeroedPages() {
        long address = kernel.mmap(0, 8192, READ_WRITE, 0);
        assertEquals(0, address & 4095);
        assertEquals(0, Memory.getLong(address + 8184));
        Memory.putLong(address + 8184, 7);
        assertEquals(7, Memory.getLong(address + 8184));
        assertTrue(kernel.munmap(address, 8192));
    }

    @Test
    void mmapOfMoreThanThereIsIsAValue() {
        assertEquals(Os.MAP_FAILED, kernel.mmap(0, 1L << 50, READ_WRITE, 0));
        assertEquals(Os.MAP_FAILED, kernel.mmap(0, -4096, READ_WRITE, 0));
    }

    @Test
    void mmapOfNothingIsAFailureThatSaysTheCall() {
        OsFailure failure = assertThrows(OsFailure.class, () -> kernel.mmap(0, 0, READ_WRITE, 0));
        assertEquals(EINVAL, failure.errno());
        assertEquals("mmap(0x0, 0, 3, 0x22, -1) failed with errno 22", failure.getMessage());
    }

    @Test
    void mmapReplacesWhatIsThereIfTold() {
        long address = kernel.mmap(0, 4096, READ_WRITE, 0);
        Memory.putLong(address, 7);
        assertEquals(address, kernel.mmap(address, 4096, READ_WRITE, Os.MAP_FIXED));
        assertEquals(0, Memory.getLong(address));
        kernel.munmap(address, 4096);
    }

    @Test
    void munmapOfAnUnalignedAddressIsAFailureThatSaysTheCall() {
        OsFailure failure = assertThrows(OsFailure.class, () -> kernel.munmap(1, 4096));
        assertEquals(EINVAL, failure.errno());
        assertEquals("munmap(0x1, 4096) failed with errno 22", failure.getMessage());
    }

    @Test
    void mremapKeepsTheContents() {
        long address = kernel.mmap(0, 4096, READ_WRITE, 0);
        Memory.putLong(address, 7);
        long larger = kernel.mremap(address, 4096, 1 << 20);
        assertEquals(7, Memory.getLong(larger));
        assertEquals(0, Memory.getLong(larger + (1 << 20) - 8));
        long smaller = kernel.mremap(larger, 1 << 20, 4096);
        assertEquals(larger, smaller);
        assertEquals(7, Memory.getLong(smaller));
        kernel.munmap(smaller, 4096);
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 46, 1L << 47, 1L << 50, 1L << 62})
    void mremapToMoreThanThereIsIsAValue(long length) {
        long address = kernel.mmap(0, 4096, READ_WRITE, 0);
        Memory.putLong(address, 7);
        try {
            assertEquals(Os.MAP_FAILED, kernel.mremap(address, 4096, length));
            assertEquals(7, Memory.getLong(address));
        } finally {
            kernel.munmap(address, 4096);
        }
    }

    @Test
    void mremapOfAnUnalignedAddressIsAFailure() {
        OsFailure failure = assertThrows(OsFailure.class, () -> kernel.mremap(1, 4096, 8192));
        assertEquals(EINVAL, failure.errno());
    }

    @Test
    void mprotectMakesPagesAccessible() {
        long address = kernel.mmap(0, 8192, Os.PROT_NONE, Os.MAP_NORESERVE);
        assertTrue(kernel.mprotect(address, 4096, READ_WRITE));
        Memory.putLong(address, 7);
        assertEquals(7, Memory.getLong(address));
        kernel.munmap(address, 8192);
    }

    @Test
    void mprotectOfWhatIsNotMappedIsAValue() {
        // Below vm.mmap_min_addr nobody maps anything.
        assertFalse(kernel.mprotect(4096, 4096, READ_WRITE));
    }

    @Test
    void mprotectOfAnUnalignedAddressIsAFailure() {
        OsFailure failure = assertThrows(OsFailure.class, () -> kernel.mprotect(1, 4096, READ_WRITE));
        assertEquals(EINVAL, failure.errno());
    }

    @Test
    void madviseGivesPagesBack() {
        long address = kernel.mmap(0, 4096, READ_WRITE, 0);
        Memory.putLong(address, 7);
        assertTrue(kernel.madvise(address, 4096, Os.MADV_DONTNEED));
        assertEquals(0, Memory.getLong(address));
        kernel.munmap(address, 4096);
    }

    @Test
    void adviceThatTheKernelDoesNotTakeIsAValue() {
        assertFalse(kernel.madvise(1, 4096, Os.MADV_DONTNEED));
    }

    @Test
    void sbrkOfNothingTellsTheBreak() {
        long now = kernel.sbrk(0);
        assertTrue(now >= ProgramBreak.startOfBreak(), "the break only ever goes up from where it began");
    }

    @Test
    void sbrkOfMoreThanThereIsIsAValue() {
        assertEquals(Os.MAP_FAILED, kernel.sbrk(1L << 50));
    }

    @Test
    void randomIsNotTheSameTwice() {
        assertNotEquals(kernel.random(), kernel.random());
    }

    @Test
    void aMemfdIsMappedPrivately() {
        int fd = kernel.memfd("ptmalloc4j-test", 4096);
        try {
            long one = kernel.mmap(0, 4096, READ_WRITE, Os.MAP_PRIVATE, fd);
            long two = kernel.mmap(0, 4096, READ_WRITE, Os.MAP_PRIVATE, fd);
            Memory.putLong(one, 7);
            assertEquals(0, Memory.getLong(two));
            kernel.munmap(one, 4096);
            kernel.munmap(two, 4096);
        } finally {
            kernel.close(fd);
        }
    }

    @Test
    void closingNoDescriptorIsAFailure() {
        assertEquals(9, assertThrows(OsFailure.class, () -> kernel.close(-1)).errno());
    }

    @Test
    void touchingAPageIsAMinorFault() {
        long address = kernel.mmap(0, 64 * 4096, READ_WRITE, 0);
        kernel.madvise(address, 64 * 4096, Os.MADV_NOHUGEPAGE);
        long before = kernel.minorFaultsOfThread();
        for (long page = 0; page < 64; page++) {
            Memory.putByte(address + page * 4096, (byte) 1);
        }
        assertTrue(kernel.minorFaultsOfThread() - before >= 64);
        kernel.munmap(address, 64 * 4096);
    }
}
