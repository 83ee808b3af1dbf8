package io.github.ptmalloc4j.os;

/**
 * What an allocator asks of the operating system: seven calls, each under the name of its manual page.
 *
 * <p>A lack of memory is a value ({@link #MAP_FAILED}, {@code false}), because an allocator has an answer to it. Everything
 * else that the kernel may refuse is an {@link OsFailure}. Lengths are in bytes; addresses and lengths are multiples of
 * {@link #pageSize()} unless said otherwise.
 */
public interface Os {
    /** What {@link #mmap}, {@link #mremap} and {@link #sbrk} return when there is no memory. */
    long MAP_FAILED = -1;

    /** Pages that cannot be touched. */
    int PROT_NONE = 0;
    /** Pages that can be read. */
    int PROT_READ = 1;
    /** Pages that can be written. */
    int PROT_WRITE = 2;

    /** Writes stay in this process. */
    int MAP_PRIVATE = 0x02;
    /** Replace whatever is mapped at the address. */
    int MAP_FIXED = 0x10;
    /** Zeroed memory that belongs to no file. */
    int MAP_ANONYMOUS = 0x20;
    /** Do not account swap space for the mapping. */
    int MAP_NORESERVE = 0x4000;
    /** Fault all pages in at once. */
    int MAP_POPULATE = 0x8000;
    /** Use pages of the huge-page pool; the size goes, as its logarithm, to bits 26 and up. */
    int MAP_HUGETLB = 0x40000;

    /** Give the pages back now; the next touch finds zeros. */
    int MADV_DONTNEED = 4;
    /** Prefer transparent huge pages. */
    int MADV_HUGEPAGE = 14;
    /** Never use transparent huge pages. */
    int MADV_NOHUGEPAGE = 15;

    /** The size of a page in bytes: 4096 on x86-64. */
    default long pageSize() {
        return 4096;
    }

    /**
     * Maps private anonymous memory.
     *
     * @param address where, a hint unless {@link #MAP_FIXED} is given; 0 lets the kernel choose
     * @param length bytes
     * @param protection {@code PROT_} bits
     * @param flags further {@code MAP_} bits; {@link #MAP_PRIVATE} and {@link #MAP_ANONYMOUS} are always added
     * @return the address, or {@link #MAP_FAILED} where there is no memory or address space
     */
    long mmap(long address, long length, int protection, int flags);

    /** Removes a mapping or a part of one; {@code false} where the kernel could not split it for want of memory. */
    boolean munmap(long address, long length);

    /**
     * Grows or shrinks a mapping, moving it if need be. Page tables move, bytes do not.
     *
     * @return the address, or {@link #MAP_FAILED} with the old mapping untouched: no memory, or not one mapping any more
     */
    long mremap(long address, long oldLength, long newLength);

    /** Changes what may be done with pages; {@code false} where there is no memory for it, with nothing changed. */
    boolean mprotect(long address, long length, int protection);

    /** Advises the kernel; {@code false} where it did not take the advice, for whatever reason. */
    boolean madvise(long address, long length, int advice);

    /**
     * Moves the program break.
     *
     * @param increment bytes, negative to shrink, 0 to ask; need not be a multiple of a page
     * @return the break before the move, or {@link #MAP_FAILED} with the break where it was
     */
    long sbrk(long increment);

    /** Eight random bytes from the kernel's generator. */
    long random();
}
