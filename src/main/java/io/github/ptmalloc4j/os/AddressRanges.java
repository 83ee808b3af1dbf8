package io.github.ptmalloc4j.os;

import java.util.Map;
import java.util.TreeMap;

/**
 * A set of addresses, kept as ranges that neither overlap nor touch. Safe for any number of threads; each call takes time in
 * proportion to the logarithm of the number of ranges, and to the number of those it replaces.
 */
final class AddressRanges {
    /** Start to end of each range. */
    private final TreeMap<Long, Long> ends = new TreeMap<>();

    private long bytes;

    /** How many addresses are in the set. */
    synchronized long bytes() {
        return bytes;
    }

    /** How many addresses of {@code [from, to)} are in the set. */
    synchronized long bytesIn(long from, long to) {
        long in = 0;
        for (Map.Entry<Long, Long> range : touching(from, to).entrySet()) {
            in += Math.max(0, Math.min(to, range.getValue()) - Math.max(from, range.getKey()));
        }
        return in;
    }

    /** Adds {@code [from, to)}. */
    synchronized void add(long from, long to) {
        long start = from;
        long end = to;
        for (long[] range : copy(touching(from, to))) {
            start = Math.min(start, range[0]);
            end = Math.max(end, range[1]);
            drop(range);
        }
        put(start, end);
    }

    /**
     * Takes {@code [from, to)} out.
     *
     * @return what of it was in the set: start and end of each piece
     */
    synchronized long[][] remove(long from, long to) {
        long[][] removed = copy(touching(from, to));
        for (long[] range : removed) {
            drop(range);
            put(range[0], Math.min(range[1], from));
            put(Math.max(range[0], to), range[1]);
            range[0] = Math.min(Math.max(range[0], from), to);
            range[1] = Math.max(range[0], Math.min(range[1], to));
        }
        return removed;
    }

    /** Adds pieces that {@link #remove} took out. */
    synchronized void addAll(long[][] pieces) {
        for (long[] piece : pieces) {
            if (piece[0] < piece[1]) {
                add(piece[0], piece[1]);
            }
        }
    }

    /** Start and end of each range, in order of address. */
    synchronized long[][] ranges() {
        return copy(ends);
    }

    /** How many addresses pieces have. */
    static long bytes(long[][] pieces) {
        long sum = 0;
        for (long[] piece : pieces) {
            sum += piece[1] - piece[0];
        }
        return sum;
    }

    /** The ranges that overlap {@code [from, to)} or are its neighbours. */
    private Map<Long, Long> touching(long from, long to) {
        Map.Entry<Long, Long> before = ends.lowerEntry(from);
        long first = before != null && before.getValue() >= from ? before.getKey() : from;
        return ends.subMap(first, true, to, true);
    }

    private static long[][] copy(Map<Long, Long> ranges) {
        return ranges.entrySet().stream()
                .map(range -> new long[] {range.getKey(), range.getValue()})
                .toArray(long[][]::new);
    }

    private void put(long from, long to) {
        if (from < to) {
            ends.put(from, to);
            bytes += to - from;
        }
    }

    private void drop(long[] range) {
        ends.remove(range[0]);
        bytes -= range[1] - range[0];
    }
}
