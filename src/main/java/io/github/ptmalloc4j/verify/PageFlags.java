package io.github.ptmalloc4j.verify;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** What the kernel says of the page frames behind a range: /proc/kpageflags, which root alone may read. */
public final class PageFlags {
    private static final Path FILE = Path.of("/proc/kpageflags");
    /** The frame is the kernel's page of zeros. */
    private static final long ZERO_PAGE = 1L << 24;

    private PageFlags() {}

    /**
     * Why there is no such evidence for these pages; nothing if there is.
     *
     * @param pagemap at least one page of it resident
     */
    public static Optional<String> unavailable(Pagemap pagemap) {
        try {
            open().close();
            return pagemap.framesVisible() ? Optional.empty() : Optional.of("page frame numbers are hidden from us");
        } catch (IOException e) {
            return Optional.of(FILE + " cannot be read: " + e);
        }
    }

    /**
     * How many resident pages are the kernel's page of zeros.
     *
     * @throws UncheckedIOException where {@link #unavailable} would have given a reason
     */
    public static long zeroPages(Pagemap pagemap) {
        try (FileChannel file = open()) {
            long zeroPages = 0;
            for (long frame : pagemap.frames().toArray()) {
                zeroPages += (flags(file, frame) & ZERO_PAGE) != 0 ? 1 : 0;
            }
            return zeroPages;
        } catch (IOException e) {
            throw new UncheckedIOException(FILE + " cannot be read", e);
        }
    }

    private static FileChannel open() throws IOException {
        return FileChannel.open(FILE, StandardOpenOption.READ);
    }

    private static long flags(FileChannel file, long frame) throws IOException {
        ByteBuffer word = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
        if (file.read(word, frame * Long.BYTES) != Long.BYTES) {
            throw new IOException("no flags for frame " + frame);
        }
        return word.getLong(0);
    }
}
