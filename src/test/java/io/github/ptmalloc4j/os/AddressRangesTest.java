package io.github.ptmalloc4j.os;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AddressRangesTest {
    private final AddressRanges ranges = new AddressRanges();

    @Test
    void neighboursBecomeOneRange() {
        ranges.add(10, 20);
        ranges.add(30, 40);
        ranges.add(20, 30);
        assertArrayEquals(new long[][] {{10, 40}}, ranges.ranges());
        assertEquals(30, ranges.bytes());
    }

    @Test
    void whatIsTakenFromTheMiddleLeavesTwoRanges() {
        ranges.add(10, 40);
        long[][] removed = ranges.remove(20, 30);
        assertArrayEquals(new long[][] {{10, 20}, {30, 40}}, ranges.ranges());
        assertEquals(10, AddressRanges.bytes(removed));
        ranges.addAll(removed);
        assertArrayEquals(new long[][] {{10, 40}}, ranges.ranges());
    }

    @Test
    void aSetOfBitsAgreesAfterEachOfManyChanges() {
        BitSet model = new BitSet();
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            int from = random.nextInt(300);
            int to = from + 1 + random.nextInt(40);
            long inside = model.get(from, to).cardinality();
            assertEquals(inside, ranges.bytesIn(from, to));
            if (random.nextBoolean()) {
                ranges.add(from, to);
                model.set(from, to);
            } else {
                assertEquals(inside, AddressRanges.bytes(ranges.remove(from, to)));
                model.clear(from, to);
            }
            assertEquals(model.cardinality(), ranges.bytes());
        }
    }
}
