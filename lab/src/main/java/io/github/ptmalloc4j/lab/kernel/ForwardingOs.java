package io.github.ptmalloc4j.lab.kernel;

import io.github.ptmalloc4j.os.Os;

/** Passes every call on to another {@link Os}, and tells a subclass, which may also change some of them. */
public abstract class ForwardingOs implements Os {
    private final Os os;

    /** Passes on to {@code os}. */
    protected ForwardingOs(Os os) {
        this.os = os;
    }

    /**
     * A call was passed on and has been answered. {@code sbrk(0)} is one too, though the C library answers it itself.
     *
     * @param name of the system call
     * @param refused whether there was no memory for it, or the advice was not taken
     */
    protected void called(String name, boolean refused) {}

    private long address(String name, long answer) {
        called(name, answer == MAP_FAILED);
        return answer;
    }

    private boolean done(String name, boolean answer) {
        called(name, !answer);
        return answer;
    }

    @Override
    public long mmap(long address, long length, int protection, int flags) {
        return address("mmap", os.mmap(address, length, protection, flags));
    }

    @Override
    public boolean munmap(long address, long length) {
        return done("munmap", os.munmap(address, length));
    }

    @Override
    public long mremap(long address, long oldLength, long newLength) {
        return address("mremap", os.mremap(address, oldLength, newLength));
    }

    @Override
    public boolean mprotect(long address, long length, int protection) {
        return done("mprotect", os.mprotect(address, length, protection));
    }

    @Override
    public boolean madvise(long address, long length, int advice) {
        return done("madvise", os.madvise(address, length, advice));
    }

    @Override
    public long sbrk(long increment) {
        return address("sbrk", os.sbrk(increment));
    }

    @Override
    public long random() {
        long word = os.random();
        called("getrandom", false);
        return word;
    }
}
