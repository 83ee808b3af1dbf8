package io.github.ptmalloc4j.os;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The break of the process itself, moved by real {@code sbrk} and seen as {@code [heap]} in /proc/self/maps.
 *
 * <p>Sharing it with the C library's own malloc is not sound: {@code sbrk} reads, adds and stores a global without a lock,
 * so two callers get the same addresses or cut each other's memory off. It is therefore taken only when it is proved to be
 * ours alone: the JVM has booted and worked, and the break is still where the kernel put it at exec.
 */
public final class ProgramBreak implements MoreCore {
    /** What to put in the environment so that the C library's malloc leaves the break alone (glibc 2.35 or later). */
    public static final String REQUIRED_ENVIRONMENT = "GLIBC_TUNABLES=glibc.malloc.hugetlb=2";

    private static final AtomicBoolean TAKEN = new AtomicBoolean();

    private final Os os;
    private final long base;
    /** Where our last move left the break. */
    private long current;

    private boolean closed;

    private ProgramBreak(Os os, long base) {
        this.os = os;
        this.base = base;
        this.current = base;
    }

    /**
     * Takes the program break for one allocator, until that one closes it.
     *
     * @throws IllegalStateException if it is taken already, or if somebody has moved it since the process began; the
     *     message says what to set
     */
    public static ProgramBreak claim(Os os) {
        long start = startOfBreak();
        if (!TAKEN.compareAndSet(false, true)) {
            throw new IllegalStateException("the program break is in use by another heap of this process");
        }
        long base = os.sbrk(0);
        if (base != start) {
            TAKEN.set(false);
            throw new IllegalStateException(
                    "the program break is not ours alone: it began at 0x%x and is at 0x%x;".formatted(start, base)
                            + " start the JVM with " + REQUIRED_ENVIRONMENT + " in its environment");
        }
        return new ProgramBreak(os, base);
    }

    /** Where the kernel put the break at exec: field 47 of /proc/self/stat. */
    public static long startOfBreak() {
        try {
            String stat = Files.readString(Path.of("/proc/self/stat"), StandardCharsets.ISO_8859_1);
            // Field 2 is the command in parentheses and may contain blanks: count from behind it, where field 3 begins.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).trim().split(" ");
            return Long.parseLong(fields[47 - 3]);
        } catch (IOException e) {
            throw new UncheckedIOException("/proc/self/stat cannot be read", e);
        }
    }

    @Override
    public long morecore(long increment) {
        long previous = os.sbrk(increment);
        if (previous == Os.MAP_FAILED) {
            return FAILURE;
        }
        if (increment != 0) {
            current = previous + increment;
        }
        return previous;
    }

    /**
     * Moves the break back to where it began, unless somebody else has moved it since: what lies above ours is theirs. Then
     * lets the next heap have it.
     */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            if (os.sbrk(0) == current) {
                os.sbrk(base - current);
            }
            TAKEN.set(false);
        }
    }
}
