package io.github.ptmalloc4j.verify;

import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.os.Os;

/**
 * Fresh pages for a test, with an inaccessible page on either side so that the kernel joins them with nothing else, and
 * without huge pages.
 *
 * @param from the first page's address
 * @param to the address behind the last page
 */
record Mapped(long from, long to) implements AutoCloseable {
    static final long PAGE = Linux.KERNEL.pageSize();

    static Mapped pages(long count) {
        long outer = Linux.KERNEL.mmap(0, (count + 2) * PAGE, Os.PROT_NONE, Os.MAP_NORESERVE);
        Mapped pages = new Mapped(outer + PAGE, outer + PAGE + count * PAGE);
        Linux.KERNEL.mprotect(pages.from, count * PAGE, Os.PROT_READ | Os.PROT_WRITE);
        Linux.KERNEL.madvise(pages.from, count * PAGE, Os.MADV_NOHUGEPAGE);
        return pages;
    }

    long page(long index) {
        return from + index * PAGE;
    }

    void write(long firstPage, long count) {
        for (long i = firstPage; i < firstPage + count; i++) {
            Memory.putByte(page(i), (byte) 1);
        }
    }

    /** Reads a byte of each page; their sum. */
    long read(long firstPage, long count) {
        long sum = 0;
        for (long i = firstPage; i < firstPage + count; i++) {
            sum += Memory.getByte(page(i));
        }
        return sum;
    }

    @Override
    public void close() {
        Linux.KERNEL.munmap(from - PAGE, to - from + 2 * PAGE);
    }
}
