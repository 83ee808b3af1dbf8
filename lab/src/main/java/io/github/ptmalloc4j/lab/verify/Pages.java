package io.github.ptmalloc4j.lab.verify;

import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.verify.Pagemap;

/**
 * The whole pages of a range: those that hold no byte of anything else.
 *
 * @param from the first page's address
 * @param to the address behind the last page
 */
record Pages(long from, long to) {
    /** Pages inside a block, its header and its neighbours left out. */
    static Pages inside(long mem, long bytes) {
        return new Pages(Rules.pageUp(mem), Rules.pageDown(mem + bytes));
    }

    long count() {
        return (to - from) / Rules.PAGE;
    }

    Pages first(long count) {
        return new Pages(from, from + count * Rules.PAGE);
    }

    Pagemap pagemap() {
        return Pagemap.of(from, to);
    }

    long resident() {
        return pagemap().resident();
    }

    /** Writes a byte in each page. */
    void write() {
        for (long page = from; page < to; page += Rules.PAGE) {
            Memory.putByte(page, (byte) 1);
        }
    }

    /** Reads each word of each page; whether all are 0. */
    boolean readAsZero() {
        long seen = 0;
        for (long word = from; word < to; word += Long.BYTES) {
            seen |= Memory.getLong(word);
        }
        return seen == 0;
    }
}
