package io.github.ptmalloc4j.lab.replay;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What a heap holds of the system's memory at any moment: how far its break has moved, and its mappings. Exact, because
 * {@link CountingOs} and {@link CountingMoreCore} report each change.
 *
 * <p>Mappings without access are address space, not memory, and are not counted: the reservation of a private break is
 * one.
 */
final class Footprint {
    /** The mappings with access: first address to the address behind the last, in bytes. */
    private final NavigableMap<Long, Long> mappings = new TreeMap<>();

    private long breakBytes;
    private long mappedBytes;
    private long peakBytes;
    private long systemCalls;

    /**
     * Forgets everything so far. What an engine maps when it is made is its own tables (the C library has them in its
     * data section), not memory that it hands out.
     */
    void startOver() {
        mappings.clear();
        breakBytes = 0;
        mappedBytes = 0;
        peakBytes = 0;
        systemCalls = 0;
    }

    /** The largest sum of break growth and mapped bytes so far. */
    long peakBytes() {
        return peakBytes;
    }

    /** System calls so far. */
    long systemCalls() {
        return systemCalls;
    }

    /** The mappings that exist now: from the first address to the one behind the last. */
    Map<Long, Long> mappings() {
        return mappings;
    }

    void systemCall() {
        systemCalls++;
    }

    void breakMoved(long increment) {
        breakBytes += increment;
        notePeak();
    }

    void mapped(long address, long length) {
        mappings.put(address, address + length);
        mappedBytes += length;
        notePeak();
    }

    /** Takes a range out of all mappings, which may leave parts of them on both sides. */
    void unmapped(long address, long length) {
        long end = address + length;
        Map.Entry<Long, Long> mapping = mappings.lowerEntry(end);
        while (mapping != null && mapping.getValue() > address) {
            long from = mapping.getKey();
            long to = mapping.getValue();
            mappings.remove(from);
            if (from < address) {
                mappings.put(from, address);
            }
            if (to > end) {
                mappings.put(end, to);
            }
            mappedBytes -= Math.min(to, end) - Math.max(from, address);
            mapping = mappings.lowerEntry(end);
        }
    }

    private void notePeak() {
        peakBytes = Math.max(peakBytes, breakBytes + mappedBytes);
    }
}
