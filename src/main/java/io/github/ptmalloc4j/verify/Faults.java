package io.github.ptmalloc4j.verify;

import io.github.ptmalloc4j.os.Linux;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Minor page faults of the calling thread since it began: faults that the kernel served without reading a disk.
 *
 * <p>They count everything the thread does, the JVM's own work in it included. Run the code once or twice before it is
 * measured, on other memory; what is left over then can only add to a count, never take from it.
 */
public final class Faults {
    private static final String FILE = "/proc/thread-self/stat";
    /** Where minflt stands in that file, the first field being 1. */
    private static final int MINFLT = 10;
    /** Bytes that hold the line at least as far as minflt: 52 numbers of at most 20 digits, and a name. */
    private static final int LONGEST = 1200;

    private Faults() {}

    /** As {@code getrusage(RUSAGE_THREAD)} counts them; asking takes no memory and costs no fault. */
    public static long minor() {
        return Linux.KERNEL.minorFaultsOfThread();
    }

    /**
     * As /proc/thread-self/stat counts them: the same counter by another way. Asking takes some 2 KiB of the Java heap,
     * so now and then it costs a fault itself.
     */
    public static long minorFromStat() {
        String stat = line();
        // Field 2 is the thread's name in parentheses and may contain blanks: count from behind it, where field 3
        // begins.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", MINFLT);
        return Long.parseLong(fields[MINFLT - 3]);
    }

    private static String line() {
        byte[] bytes = new byte[LONGEST];
        try (FileInputStream file = new FileInputStream(FILE)) {
            return new String(bytes, 0, file.read(bytes), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(FILE + " cannot be read", e);
        }
    }
}
