package io.github.ptmalloc4j.ptmalloc;

import io.github.ptmalloc4j.os.Os;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The mmapped chunks that exist, with their mappings: what the heap must unmap when it is closed, and what a walk shows.
 * glibc has no such table and needs none, as it never closes; the counters are its. Open addressing over one array, three
 * words an entry, at most half full. Safe for any number of threads.
 */
final class MmappedChunks {
    private static final int WORDS = 3;

    /** Chunk (0: empty), address of its mapping, bytes of its mapping. */
    private long[] entries = new long[WORDS * 64];

    private final ReentrantLock lock = new ReentrantLock();

    private volatile int count;
    private volatile long mem;

    /** Chunks that exist. */
    int count() {
        return count;
    }

    /** Bytes of their mappings. */
    long mem() {
        return mem;
    }

    /** A chunk is there, or its mapping has changed. */
    void put(long chunk, long block, long length) {
        lock.lock();
        try {
            int at = find(chunk);
            long change = length - (entries[at] == 0 ? 0 : entries[at + 2]);
            insert(chunk, block, length);
            mem += change;
        } finally {
            lock.unlock();
        }
    }

    /** A chunk is gone. */
    void remove(long chunk) {
        lock.lock();
        try {
            int at = find(chunk);
            if (entries[at] != 0) {
                mem -= entries[at + 2];
                delete(at);
            }
        } finally {
            lock.unlock();
        }
    }

    /** A chunk has moved, within its mapping or with it. */
    void move(long chunk, long newChunk, long block, long length) {
        lock.lock();
        try {
            remove(chunk);
            put(newChunk, block, length);
        } finally {
            lock.unlock();
        }
    }

    private void insert(long chunk, long block, long length) {
        if (2 * WORDS * (count + 1) > entries.length) {
            grow();
        }
        int at = find(chunk);
        if (entries[at] == 0) {
            count++;
        }
        entries[at] = chunk;
        entries[at + 1] = block;
        entries[at + 2] = length;
    }

    private void delete(int hole) {
        count--;
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
        lock.lock();
        try {
            return entries[find(chunk)] != 0;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the mapping of {@code chunk} reaches to {@code end}; not if there is no such chunk. */
    boolean holds(long chunk, long end) {
        lock.lock();
        try {
            int at = find(chunk);
            return entries[at] != 0 && end <= entries[at + 1] + entries[at + 2];
        } finally {
            lock.unlock();
        }
    }

    /** The chunks in ascending order of address. */
    long[] chunks() {
        lock.lock();
        try {
            long[] chunks = new long[count];
            int n = 0;
            for (int at = 0; at < entries.length; at += WORDS) {
                if (entries[at] != 0) {
                    chunks[n++] = entries[at];
                }
            }
            Arrays.sort(chunks);
            return chunks;
        } finally {
            lock.unlock();
        }
    }

    /** Unmaps all of them, by what was mapped and not by what their headers say. */
    void unmapAll(Os os) {
        lock.lock();
        try {
            for (int at = 0; at < entries.length; at += WORDS) {
                if (entries[at] != 0) {
                    os.munmap(entries[at + 1], entries[at + 2]);
                }
            }
            Arrays.fill(entries, 0);
            count = 0;
            mem = 0;
        } finally {
            lock.unlock();
        }
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
