package io.github.ptmalloc4j.lab.verify;

import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.Os;
import java.util.ArrayList;
import java.util.List;

/**
 * The kernel, with a list of what was asked of it. An engine that is given this object has no other way to the kernel.
 */
final class CountingOs implements Os {
    /** A call: its name and whether it was refused. */
    private record Call(String name, boolean refused) {}

    private final List<Call> calls = new ArrayList<>();

    /** Begins a new list. */
    void forget() {
        calls.clear();
    }

    /** How many calls there were. */
    long count() {
        return calls.size();
    }

    /** The names of all calls in order, joined by commas; {@code none} if there were none. */
    String names() {
        return join(calls);
    }

    /** The same of those that the kernel refused. */
    String refused() {
        return join(calls.stream().filter(Call::refused).toList());
    }

    private static String join(List<Call> calls) {
        return calls.isEmpty()
                ? "none"
                : String.join(", ", calls.stream().map(Call::name).toList());
    }

    private long counted(String name, long answer) {
        calls.add(new Call(name, answer == MAP_FAILED));
        return answer;
    }

    private boolean counted(String name, boolean answer) {
        calls.add(new Call(name, !answer));
        return answer;
    }

    @Override
    public long mmap(long address, long length, int protection, int flags) {
        return counted("mmap", Linux.KERNEL.mmap(address, length, protection, flags));
    }

    @Override
    public boolean munmap(long address, long length) {
        return counted("munmap", Linux.KERNEL.munmap(address, length));
    }

    @Override
    public long mremap(long address, long oldLength, long newLength) {
        return counted("mremap", Linux.KERNEL.mremap(address, oldLength, newLength));
    }

    @Override
    public boolean mprotect(long address, long length, int protection) {
        return counted("mprotect", Linux.KERNEL.mprotect(address, length, protection));
    }

    @Override
    public boolean madvise(long address, long length, int advice) {
        return counted("madvise", Linux.KERNEL.madvise(address, length, advice));
    }

    @Override
    public long sbrk(long increment) {
        return counted("sbrk", Linux.KERNEL.sbrk(increment));
    }

    @Override
    public long random() {
        long word = Linux.KERNEL.random();
        calls.add(new Call("getrandom", false));
        return word;
    }
}
