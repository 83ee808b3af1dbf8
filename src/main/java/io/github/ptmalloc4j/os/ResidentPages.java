package io.github.ptmalloc4j.os;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * How much of some ranges is in memory, asked of /proc/self/pagemap: one word a page. Pages count that this process alone has;
 * pages of zeros that were only read, and pages in swap space, do not.
 *
 * <pre>
 *   bit  63       61              56
 *        present  file or shared  mapped once
 * </pre>
 */
final class ResidentPages {
    private static final Path FILE = Path.of("/proc/self/pagemap");
    private static final long PRESENT = 1L << 63;
    private static final long FILE_OR_SHARED = 1L << 61;
    private static final long MAPPED_ONCE = 1L << 56;
    /** Bytes that one read takes at most. */
    private static final int BATCH = 1 << 16;

    private ResidentPages() {}

    /**
     * Counts.
     *
     * @param ranges start and end of each
     * @return bytes, or −1 where the file cannot be read
     */
    static long bytes(long[][] ranges, long pageSize) {
        // On the Java heap: a direct one would stay until the next garbage collection, and snapshots are taken every
        // second.
        ByteBuffer buffer = ByteBuffer.allocate(BATCH).order(ByteOrder.nativeOrder());
        long pages = 0;
        try (FileChannel file = FileChannel.open(FILE, StandardOpenOption.READ)) {
            for (long[] range : ranges) {
                pages += pages(file, buffer, range[0] / pageSize, range[1] / pageSize);
            }
        } catch (IOException e) {
            return -1;
        }
        return pages * pageSize;
    }

    private static long pages(FileChannel file, ByteBuffer buffer, long first, long end) throws IOException {
        long pages = 0;
        for (long page = first; page < end; ) {
            buffer.clear().limit((int) Math.min(BATCH, (end - page) * Long.BYTES));
            int read = file.read(buffer, page * Long.BYTES);
            if (read < Long.BYTES) {
                throw new IOException("the page map ends");
            }
            for (int at = 0; at < read; at += Long.BYTES) {
                long mask = PRESENT | MAPPED_ONCE | FILE_OR_SHARED;
                pages += (buffer.getLong(at) & mask) == (PRESENT | MAPPED_ONCE) ? 1 : 0;
            }
            page += read / Long.BYTES;
        }
        return pages;
    }
}
