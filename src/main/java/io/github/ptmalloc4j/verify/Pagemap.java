package io.github.ptmalloc4j.verify;

import io.github.ptmalloc4j.os.Linux;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * The pages of a range of addresses at one moment, from /proc/self/pagemap: exact, one word a page.
 *
 * <pre>
 *   bit  63       62        61              56             54 … 0
 *        present  swapped   file or shared  mapped once    page frame number
 * </pre>
 *
 * <p>The frame numbers are 0 without CAP_SYS_ADMIN; the bits are there for everybody. Private anonymous memory that was
 * only read is backed by the kernel's page of zeros, which is present but counts as nobody's: bits 61 and 56 are clear.
 */
public final class Pagemap {
    private static final String FILE = "/proc/self/pagemap";
    private static final long PRESENT = 1L << 63;
    private static final long SWAPPED = 1L << 62;
    private static final long FILE_OR_SHARED = 1L << 61;
    private static final long MAPPED_ONCE = 1L << 56;
    private static final long FRAME = (1L << 55) - 1;

    /** Words that one read takes at most: 32 MiB of addresses. */
    private static final int BATCH = 8192;

    private final long[] entries;

    private Pagemap(long[] entries) {
        this.entries = entries;
    }

    /** Why this machine has no such evidence; nothing if it has. */
    public static Optional<String> unavailable() {
        try {
            open().close();
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(FILE + " cannot be read: " + e);
        }
    }

    /**
     * Reads the state of all pages that a range touches. Addresses that are not mapped count as pages that are not
     * there.
     *
     * @param from an address in the first page
     * @param to the first address behind the range
     * @throws UncheckedIOException where {@link #unavailable} would have given a reason
     */
    public static Pagemap of(long from, long to) {
        long page = Linux.KERNEL.pageSize();
        long first = Math.floorDiv(from, page);
        long[] entries = new long[Math.toIntExact(Math.ceilDiv(to, page) - first)];
        ByteBuffer buffer = ByteBuffer.allocate(Math.min(entries.length, BATCH) * Long.BYTES);
        buffer.order(ByteOrder.nativeOrder());
        try (FileChannel file = open()) {
            for (int done = 0; done < entries.length; ) {
                buffer.clear().limit(Math.min(entries.length - done, BATCH) * Long.BYTES);
                readFully(file, buffer, (first + done) * Long.BYTES);
                int words = buffer.flip().limit() / Long.BYTES;
                buffer.asLongBuffer().get(entries, done, words);
                done += words;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(FILE + " cannot be read", e);
        }
        return new Pagemap(entries);
    }

    private static FileChannel open() throws IOException {
        return FileChannel.open(Path.of(FILE), StandardOpenOption.READ);
    }

    private static void readFully(FileChannel file, ByteBuffer buffer, long position) throws IOException {
        while (buffer.hasRemaining()) {
            if (file.read(buffer, position + buffer.position()) < 0) {
                throw new IOException("the addresses are no user addresses");
            }
        }
    }

    /** How many pages the range has. */
    public long pages() {
        return entries.length;
    }

    /** Pages that are in memory, the page of zeros included. */
    public long resident() {
        return count(PRESENT, PRESENT);
    }

    /** Pages that are in swap space. */
    public long swapped() {
        return count(SWAPPED, SWAPPED);
    }

    /** Pages of private memory that this process alone has, bytes of its own in them. */
    public long owned() {
        return count(PRESENT | MAPPED_ONCE | FILE_OR_SHARED, PRESENT | MAPPED_ONCE);
    }

    /** Pages of private memory that are backed by the kernel's page of zeros: read, never written. */
    public long zeroPages() {
        return count(PRESENT | MAPPED_ONCE | FILE_OR_SHARED, PRESENT);
    }

    private long count(long mask, long value) {
        return Arrays.stream(entries).filter(e -> (e & mask) == value).count();
    }

    /** Whether this process may see frame numbers; {@code false} also where no page is resident. */
    public boolean framesVisible() {
        return frames().anyMatch(frame -> frame != 0);
    }

    /** The frame number of each resident page, in order of address. */
    public LongStream frames() {
        return Arrays.stream(entries).filter(e -> (e & PRESENT) != 0).map(e -> e & FRAME);
    }
}
