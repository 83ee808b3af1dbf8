package io.github.ptmalloc4j.os;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryTest {
    private static final long BYTES = 24_576;

    private final long page = Linux.KERNEL.mmap(0, BYTES, Os.PROT_READ | Os.PROT_WRITE, 0);

    @AfterEach
    void unmap() {
        Linux.KERNEL.munmap(page, BYTES);
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

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 10, 511, 512, 513, 1024, 1025, 4607, 4608, 4609, 8704, 8705, 20_001})
    void fillTouchesNothingElse(int bytes) {
        Memory.fill(page + 1, bytes, (byte) 5);
        for (int i = 0; i < bytes + 2; i++) {
            assertEquals(i == 0 || i == bytes + 1 ? 0 : 5, Memory.getByte(page + i));
        }
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
