package io.github.ptmalloc4j.ptmalloc;

import java.util.Arrays;

/**
 * The mmapped chunks that exist, with their mappings: what the heap must unmap when it is closed, and what a walk shows.
 * glibc has no such table and needs none, as it never closes. Open addressing over one array, three words an entry, at most
 * half full.
 */
final class MmappedChunks {
    private static final int WORDS = 3;

    /** Chunk (0: empty), address of its mapping, bytes of its mapping. */
    private long[] entries = new long[WORDS * 64];

    private int size;

    void put(long chunk, long block, long length) {
        if (2 * WORDS * (size + 1) > entries.length) {
            grow();
        }
        int at = find(chunk);
        if (entries[at] == 0) {
            size++;
        }
        entries[at] = chunk;
        entries[at + 1] = block;
        entries[at + 2] = length;
    }

    void remove(long chunk) {
        int hole = find(chunk);
        if (entries[hole] == 0) {
            return;
        }
        size--;
        entries[hole] = 0;
        // Whoever was pushed past the hole must be found again: put the rest of the run in anew.
        for (int at = next(hole); entries[at] != 0; at = next(at)) {
            long moved = entries[at];
            entries[at] = 0;
            int to = find(moved);
            System.arraycopy(entries, at, entries, to, WORDS);
            entries[to] = moved;
        }
    }

    boolean contains(long chunk) {
        return entries[find(chunk)] != 0;
    }

    /** The chunks in ascending order of address. */
    long[] chunks() {
        long[] chunks = new long[size];
        int n = 0;
        for (int at = 0; at < entries.length; at += WORDS) {
            if (entries[at] != 0) {
                chunks[n++] = entries[at];
            }
        }
        Arrays.sort(chunks);
        return chunks;
    }

    long blockOf(long chunk) {
        return entries[find(chunk) + 1];
    }

    long lengthOf(long chunk) {
        return entries[find(chunk) + 2];
    }

    /** Where the chunk's entry is, or the empty one where it would go. */
    private int find(long chunk) {
        int slot = (int) (chunk * 0x9E3779B97F4A7C15L >>> 33) & entries.length / WORDS - 1;
        int at = slot * WORDS;
        while (entries[at] != 0 && entries[at] != chunk) {
            at = next(at);
        }
        return at;
    }

    private int next(int at) {
        return at + WORDS == entries.length ? 0 : at + WORDS;
    }

    private void grow() {
        long[] old = entries;
        entries = new long[2 * old.length];
        for (int at = 0; at < old.length; at += WORDS) {
            if (old[at] != 0) {
                System.arraycopy(old, at, entries, find(old[at]), WORDS);
            }
        }
    }
}
