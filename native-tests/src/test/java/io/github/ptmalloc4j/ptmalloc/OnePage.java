package io.github.ptmalloc4j.ptmalloc;

import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.MoreCore;
import io.github.ptmalloc4j.os.Os;

/** A system with a single page, which it lends to all: enough for arenas that never serve a request. */
final class OnePage implements Os, MoreCore {
    private static final long PAGE = Linux.KERNEL.mmap(0, 4096, PROT_READ | PROT_WRITE, 0);

    @Override
    public long mmap(long address, long length, int protection, int flags) {
        return length == 4096 ? PAGE : MAP_FAILED;
    }

    @Override
    public boolean munmap(long address, long length) {
        return true;
    }

    @Override
    public long mremap(long address, long oldLength, long newLength) {
        return MAP_FAILED;
    }

    @Override
    public boolean mprotect(long address, long length, int protection) {
        return false;
    }

    @Override
    public boolean madvise(long address, long length, int advice) {
        return false;
    }

    @Override
    public long sbrk(long increment) {
        return MAP_FAILED;
    }

    @Override
    public long random() {
        return 1;
    }

    @Override
    public long morecore(long increment) {
        return FAILURE;
    }

    @Override
    public void close() {}
}
