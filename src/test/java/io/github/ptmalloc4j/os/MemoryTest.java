package io.github.ptmalloc4j.os;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MemoryTest {
    private final long page = Linux.KERNEL.mmap(0, 4096, Os.PROT_READ | Os.PROT_WRITE, 0);

    @AfterEach
    void unmap() {
        Linux.KERNEL.munmap(page, 4096);
    }

    @Test
    void wordsAreLittleEndian() {
        Memory.putLong(page, 0x8877665544332211L);
        assertEquals(0x8877665544332211L, Memory.getLong(page));
        assertEquals(0x44332211, Memory.getInt(page));
        assertEquals(0x2211, Memory.getUnsignedShort(page));
        assertEquals(0x11, Memory.getByte(page));
    }

    @Test
    void wordsNeedNoAlignment() {
        Memory.putLong(page + 3, -2);
        assertEquals(-2, Memory.getLong(page + 3));
        Memory.putInt(page + 1, 0x01020304);
        assertEquals(0x01020304, Memory.getInt(page + 1));
    }

    @Test
    void aShortIsUnsignedAndOnlyItsLow16BitsAreStored() {
        Memory.putUnsignedShort(page, 0x1ffff);
        assertEquals(0xffff, Memory.getUnsignedShort(page));
        assertEquals(0, Memory.getByte(page + 2));
    }

    @Test
    void fillTouchesNothingElse() {
        Memory.fill(page + 1, 10, (byte) 5);
        assertEquals(0, Memory.getByte(page));
        assertEquals(5, Memory.getByte(page + 1));
        assertEquals(5, Memory.getByte(page + 10));
        assertEquals(0, Memory.getByte(page + 11));
    }

    @Test
    void copyMayOverlapInBothDirections() {
        for (int i = 0; i < 100; i++) {
            Memory.putByte(page + i, (byte) i);
        }
        Memory.copy(page, page + 10, 90);
        assertEquals(0, Memory.getByte(page + 10));
        assertEquals(89, Memory.getByte(page + 99));
        Memory.copy(page + 10, page, 90);
        assertEquals(0, Memory.getByte(page));
        assertEquals(89, Memory.getByte(page + 89));
    }
}
