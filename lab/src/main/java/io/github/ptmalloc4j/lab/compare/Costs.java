package io.github.ptmalloc4j.lab.compare;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.ptmalloc4j.verify.Faults;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a memory pass in this JVM costs, against what the JVM had before it. */
@SuppressWarnings("restricted")
final class Costs implements AutoCloseable {
    /** Descriptors that nobody has: to close one tells {@code replayer count} where the pass is. replayer.c has them too. */
    static final int BEGIN = 0x70000000;

    static final int END = 0x70000002;
    private static final int SAMPLE = 0x70000100;

    /** Where minflt stands in /proc/self/stat, the first field being 1. */
    private static final int MINFLT = 10;

    private static final int ROLLUP_BYTES = 2048;
    private static final MethodHandle CLOSE = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().find("close").orElseThrow(),
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT));

    private final RandomAccessFile rollup;
    private final byte[] text = new byte[ROLLUP_BYTES];
    private final int readings;
    private final boolean oneThread;
    private final long[] residentBytes;
    private final long[] faults;
    private long residentBefore;
    private long faultsBefore;

    /**
     * Counts from now on.
     *
     * @param samples how many there will be
     * @param readings at how many of them, the first ones, resident memory is read: the kernel walks all pages for it
     * @param oneThread whether only the calling thread replays, so that only its faults count
     */
    Costs(int samples, int readings, boolean oneThread) throws IOException {
        this.readings = readings;
        this.oneThread = oneThread;
        rollup = new RandomAccessFile("/proc/self/smaps_rollup", "r");
        residentBytes = new long[samples];
        faults = new long[samples];
        startOver();
    }

    /** Forgets what was before. */
    void startOver() {
        residentBefore = resident();
        faultsBefore = faultsNow();
    }

    long[] residentBytes() {
        return residentBytes;
    }

    long[] faultsAtSamples() {
        return faults;
    }

    /** Minor faults so far. */
    long faults() {
        return faultsNow() - faultsBefore;
    }

    /** Tells the tracer, if there is one, where this thread is. */
    static void mark(int where) {
        try {
            int bad = (int) CLOSE.invokeExact(where);
        } catch (Throwable t) {
            throw new AssertionError("close() threw", t);
        }
    }

    /** Takes a sample. */
    synchronized void sample(int number) {
        mark(SAMPLE + number);
        faults[number] = faults();
        if (number < readings) {
            residentBytes[number] = Math.max(0, resident() - residentBefore);
        }
    }

    private long faultsNow() {
        return oneThread ? Faults.minor() : faultsOfProcess();
    }

    private static long faultsOfProcess() {
        try {
            String stat = Files.readString(Path.of("/proc/self/stat"), StandardCharsets.ISO_8859_1);
            // The second field is a name in parentheses, in which blanks may stand.
            return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", MINFLT)[MINFLT - 3]);
        } catch (IOException e) {
            throw new UncheckedIOException("/proc/self/stat cannot be read", e);
        }
    }

    /** What of this process's own memory is in RAM, in bytes. */
    private synchronized long resident() {
        try {
            rollup.seek(0);
            int length = rollup.read(text);
            String all = new String(text, 0, length, StandardCharsets.US_ASCII);
            int from = all.indexOf("\nAnonymous:") + "\nAnonymous:".length();
            return Long.parseLong(all.substring(from, all.indexOf("kB", from)).strip()) << 10;
        } catch (IOException e) {
            throw new UncheckedIOException("/proc/self/smaps_rollup cannot be read", e);
        }
    }

    @Override
    public void close() throws IOException {
        rollup.close();
    }
}
