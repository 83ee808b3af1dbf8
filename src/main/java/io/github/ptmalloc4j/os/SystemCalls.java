package io.github.ptmalloc4j.os;

/**
 * How often each call was made for a heap since it began, those that failed included and those that a limit refused not.
 *
 * @param mmap calls of mmap(2)
 * @param munmap calls of munmap(2)
 * @param mremap calls of mremap(2)
 * @param mprotect calls of mprotect(2)
 * @param madvise calls of madvise(2)
 * @param sbrk moves of the program break; questions where it is make no system call and do not count
 */
public record SystemCalls(long mmap, long munmap, long mremap, long mprotect, long madvise, long sbrk) {
    /** All of them. */
    public long total() {
        return mmap + munmap + mremap + mprotect + madvise + sbrk;
    }
}
