package io.github.ptmalloc4j.lab.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.ptmalloc4j.os.Memory;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

class PatternTest {
    private static final long KEY = Pattern.key(1, 2);

    @Test
    void everyByteOfEveryLengthIsChecked() {
        try (Arena arena = Arena.ofConfined()) {
            long mem = arena.allocate(64, 16).address();
            for (int bytes = 0; bytes < 40; bytes++) {
                Pattern.fill(mem, bytes, KEY);
                assertEquals(-1, Pattern.mismatch(mem, bytes, KEY));
                for (int offset = 0; offset < bytes; offset++) {
                    byte right = Memory.getByte(mem + offset);
                    assertEquals(right, Pattern.expected(KEY, offset));
                    Memory.putByte(mem + offset, (byte) ~right);
                    assertEquals(offset, Pattern.mismatch(mem, bytes, KEY));
                    Memory.putByte(mem + offset, right);
                }
            }
        }
    }

    @Test
    void aFillEndsWhereItsBlockEnds() {
        try (Arena arena = Arena.ofConfined()) {
            long mem = arena.allocate(64, 16).address();
            Pattern.fill(mem, 21, KEY);
            assertEquals(-1, Pattern.nonZero(mem + 21, 43));
            assertEquals(0, Pattern.nonZero(mem + 20, 44));
        }
    }

    @Test
    void twoOperationsHaveTwoKeys() {
        assertNotEquals(Pattern.key(1, 2), Pattern.key(1, 3));
    }
}
