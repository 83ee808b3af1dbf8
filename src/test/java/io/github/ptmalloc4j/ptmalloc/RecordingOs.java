package io.github.ptmalloc4j.ptmalloc;

import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.Os;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The live kernel, with a record of what was asked of it, and with faults on demand: once armed, the call of a given number
 * fails as the kernel fails when it lacks memory, either that one alone or all from there on. Safe for
 * any number of threads.
 */
final class RecordingOs implements Os {
    /** One madvise call. */
    record Advice(long address, long length, int advice) {}

    /** One mprotect call. */
    record Protection(long address, long length, int protection) {}

    private final TreeMap<Long, Long> mappings = new TreeMap<>();
    private final List<Protection> protections = new ArrayList<>();
    private long longestMapping = Long.MAX_VALUE;
    private final Map<Long, Long> refusedUnmappings = new TreeMap<>();
    private final List<Advice> advice = new ArrayList<>();
    private int mmaps;
    private int munmaps;
    private int mremaps;
    private int calls;
    private int firstFault = Integer.MAX_VALUE;
    private int lastFault;
    private int faults;

    /** From now on the call number {@code n} fails, and each later one if {@code forGood}. */
    void failCall(int n, boolean forGood) {
        calls = 0;
        faults = 0;
        firstFault = n;
        lastFault = forGood ? Integer.MAX_VALUE : n;
    }

    void healed() {
        firstFault = Integer.MAX_VALUE;
        lastFault = 0;
    }

    /** From now on there is no room for a mapping longer than this. */
    void refuseMappingsLongerThan(long bytes) {
        longestMapping = bytes;
    }

    /** How many calls failed since {@link #failCall}. */
    int faults() {
        return faults;
    }

    /** Counts a call; whether it is one that fails. */
    synchronized boolean fails() {
        calls++;
        boolean fails = calls >= firstFault && calls <= lastFault;
        faults += fails ? 1 : 0;
        return fails;
    }

    int mmaps() {
        return mmaps;
    }

    int munmaps() {
        return munmaps;
    }

    int mremaps() {
        return mremaps;
    }

    List<Advice> advice() {
        return advice;
    }

    List<Protection> protections() {
        return protections;
    }

    /** Address and length of each mapping that was made and not removed, lost ones not counted. */
    synchronized Map<Long, Long> mappings() {
        Map<Long, Long> left = new TreeMap<>(mappings);
        left.keySet().removeAll(refusedUnmappings.keySet());
        return left;
    }

    /** Removes the mappings that could not be removed when it was asked for. */
    void removeLost() {
        refusedUnmappings.forEach(Linux.KERNEL::munmap);
        refusedUnmappings.keySet().forEach(mappings::remove);
        refusedUnmappings.clear();
    }

    @Override
    public synchronized long mmap(long address, long length, int protection, int flags) {
        if (fails() || length > longestMapping) {
            return MAP_FAILED;
        }
        mmaps++;
        long result = Linux.KERNEL.mmap(address, length, protection, flags);
        if (result != MAP_FAILED && (flags & MAP_FIXED) == 0) {
            mappings.put(result, length);
        }
        return result;
    }

    @Override
    public synchronized boolean munmap(long address, long length) {
        munmaps++;
        if (fails()) {
            refusedUnmappings.put(address, length);
            return false;
        }
        boolean done = Linux.KERNEL.munmap(address, length);
        if (done) {
            cut(address, length);
        }
        return done;
    }

    /** What is left of the mapping that the range is a part of, before it and behind. */
    private void cut(long address, long length) {
        Map.Entry<Long, Long> whole = mappings.floorEntry(address);
        if (whole == null || whole.getKey() + whole.getValue() < address + length) {
            return;
        }
        long before = address - whole.getKey();
        long behind = whole.getValue() - before - length;
        mappings.remove(whole.getKey());
        if (before > 0) {
            mappings.put(whole.getKey(), before);
        }
        if (behind > 0) {
            mappings.put(address + length, behind);
        }
    }

    @Override
    public synchronized long mremap(long address, long oldLength, long newLength) {
        mremaps++;
        if (fails()) {
            return MAP_FAILED;
        }
        long result = Linux.KERNEL.mremap(address, oldLength, newLength);
        if (result != MAP_FAILED) {
            mappings.remove(address);
            mappings.put(result, newLength);
        }
        return result;
    }

    @Override
    public synchronized boolean mprotect(long address, long length, int protection) {
        protections.add(new Protection(address, length, protection));
        return !fails() && Linux.KERNEL.mprotect(address, length, protection);
    }

    @Override
    public synchronized boolean madvise(long address, long length, int kind) {
        advice.add(new Advice(address, length, kind));
        return !fails() && Linux.KERNEL.madvise(address, length, kind);
    }

    @Override
    public long sbrk(long increment) {
        throw new AssertionError("a private heap never moves the program break");
    }

    @Override
    public long random() {
        return Linux.KERNEL.random();
    }
}
