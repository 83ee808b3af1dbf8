package io.github.ptmalloc4j.ptmalloc;

import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.Os;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The live kernel, with a record of what was asked of it, and with faults on demand: once armed, the call of a given number
 * fails as the kernel fails when it lacks memory, either that one alone or all from there on.
 */
final class RecordingOs implements Os {
    /** One madvise call. */
    record Advice(long address, long length, int advice) {}

    private final Map<Long, Long> mappings = new TreeMap<>();
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

    /** How many calls failed since {@link #failCall}. */
    int faults() {
        return faults;
    }

    /** Counts a call; whether it is one that fails. */
    boolean fails() {
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

    /** Address and length of each mapping that was made and not removed, lost ones not counted. */
    Map<Long, Long> mappings() {
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
    public long mmap(long address, long length, int protection, int flags) {
        if (fails()) {
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
    public boolean munmap(long address, long length) {
        munmaps++;
        if (fails()) {
            refusedUnmappings.put(address, length);
            return false;
        }
        boolean done = Linux.KERNEL.munmap(address, length);
        mappings.remove(address, length);
        return done;
    }

    @Override
    public long mremap(long address, long oldLength, long newLength) {
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
    public boolean mprotect(long address, long length, int protection) {
        return !fails() && Linux.KERNEL.mprotect(address, length, protection);
    }

    @Override
    public boolean madvise(long address, long length, int kind) {
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
