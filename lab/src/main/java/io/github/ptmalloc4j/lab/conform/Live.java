package io.github.ptmalloc4j.lab.conform;

import java.util.SplittableRandom;

/** The blocks that a generated program holds, oldest first as far as it frees in order. */
final class Live {
    private static final int GONE = -1;

    private final int[] unused;
    private final long[] bytes;
    private final int[] placeOf;
    private int unusedCount;
    private int[] places = new int[1 << 12];
    private int head;
    private int end;
    private int count;
    private long sum;

    /** Room for ids below {@code ids}. */
    Live(int ids) {
        unused = new int[ids];
        bytes = new long[ids];
        placeOf = new int[ids];
        for (int id = ids; id-- > 0; ) {
            unused[unusedCount++] = id;
        }
    }

    int count() {
        return count;
    }

    /** Bytes asked for and not freed. */
    long bytes() {
        return sum;
    }

    long bytes(int id) {
        return bytes[id];
    }

    /** An id that holds nothing. */
    int unusedId() {
        return unused[unusedCount - 1];
    }

    /**
     * Takes the id that {@link #unusedId} named.
     *
     * @param kept whether it will be freed some day; if not, the id is used again and the block forgotten
     */
    void add(int id, long size, boolean kept) {
        if (!kept) {
            sum += size;
            return;
        }
        unusedCount--;
        if (end == places.length) {
            compact();
        }
        places[end] = id;
        placeOf[id] = end++;
        bytes[id] = size;
        sum += size;
        count++;
    }

    private void compact() {
        int[] packed = new int[Math.max(places.length, 2 * count + 16)];
        int next = 0;
        for (int i = head; i < end; i++) {
            if (places[i] != GONE) {
                placeOf[places[i]] = next;
                packed[next++] = places[i];
            }
        }
        places = packed;
        head = 0;
        end = next;
    }

    void remove(int id) {
        places[placeOf[id]] = GONE;
        unused[unusedCount++] = id;
        sum -= bytes[id];
        count--;
        while (head < end && places[head] == GONE) {
            head++;
        }
        while (end > head && places[end - 1] == GONE) {
            end--;
        }
    }

    void resize(int id, long size) {
        sum += size - bytes[id];
        bytes[id] = size;
    }

    /** The oldest. */
    int first() {
        return places[head];
    }

    /** The youngest. */
    int last() {
        return places[end - 1];
    }

    /** Any one. */
    int any(SplittableRandom random) {
        if (end - head > 4 * count) {
            compact();
        }
        int place;
        do {
            place = random.nextInt(head, end);
        } while (places[place] == GONE);
        return places[place];
    }
}
