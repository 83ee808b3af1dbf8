package io.github.ptmalloc4j.lab.compare;

import io.github.ptmalloc4j.lab.trace.Op;
import io.github.ptmalloc4j.lab.trace.Trace;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * A trace in the form that the replays in C and in Java map into their memory: the operations of each thread in one piece, and
 * where a thread must wait for another.
 *
 * <pre>
 *   words of 8 bytes   magic, operations, slots, threads, samples, waits
 *   for each thread    its operations, and where its operations, waits and samples begin
 *   operations         24 bytes each: code, flags, thread to wait for (2 bytes), slot (4), bytes (8), argument (8)
 *   waits              4 bytes each: how many operations the other thread must have made
 *   samples            4 bytes each: the number of the sample
 * </pre>
 *
 * <p>A block that changes hands is what threads wait for: an operation on it by another thread than the last one's waits until
 * that one is done. So the order of hand-overs is the recorded one, and nothing else is slowed down.
 *
 * <p>Samples are taken behind the first operation, at even distances, behind the one that brings the peak of live bytes, and
 * behind the last.
 */
final class TraceImage {
    static final long MAGIC = 0x31454341525450L;
    static final int HEADER_BYTES = 6 * Long.BYTES;
    static final int THREAD_BYTES = 4 * Long.BYTES;
    static final int OPERATION_BYTES = 24;

    static final int WAIT = 1;
    static final int PUBLISH = 2;
    static final int TAKE_SAMPLE = 4;

    private static final int SAMPLES = 400;
    private static final int NOBODY = -1;

    private final Trace trace;
    /** The place of each operation among those of its thread. */
    private final int[] place;

    private final byte[] flags;
    /** The operation that an operation waits for, or −1. */
    private final int[] awaited;

    private final int[] samples;
    private final long[] live;

    TraceImage(Trace trace) {
        this.trace = trace;
        int operations = trace.operations();
        place = new int[operations];
        flags = new byte[operations];
        awaited = new int[operations];
        findPlaces();
        findHandOvers();
        live = liveBytes();
        samples = sampled(live);
        for (int i : samples) {
            flags[i] |= TAKE_SAMPLE;
        }
    }

    /** The operations behind which samples are taken, from 0 on, in order. */
    int[] samples() {
        return samples.clone();
    }

    /** The sum of the sizes of live blocks at each sample, in bytes, if no request is refused. */
    long[] liveAtSamples() {
        return Arrays.stream(samples).mapToLong(i -> live[i]).toArray();
    }

    private void findPlaces() {
        int[] made = new int[trace.threads()];
        for (int i = 0; i < place.length; i++) {
            place[i] = made[trace.thread(i)]++;
        }
    }

    private void findHandOvers() {
        int[] last = new int[trace.slots()];
        Arrays.fill(last, NOBODY);
        for (int i = 0; i < place.length; i++) {
            awaited[i] = NOBODY;
            int slot = trace.slot(i);
            if (slot < 0) {
                continue;
            }
            int before = last[slot];
            if (before != NOBODY && trace.thread(before) != trace.thread(i)) {
                awaited[i] = before;
                flags[i] |= WAIT;
                flags[before] |= PUBLISH;
            }
            last[slot] = i;
        }
    }

    private long[] liveBytes() {
        long[] sizes = new long[trace.slots()];
        long[] sums = new long[trace.operations()];
        long sum = 0;
        for (int i = 0; i < sums.length; i++) {
            int slot = trace.slot(i);
            if (slot >= 0 && trace.op(i) != Op.WRITE) {
                sum += trace.sizeAfter(i) - sizes[slot];
                sizes[slot] = trace.sizeAfter(i);
            }
            sums[i] = sum;
        }
        return sums;
    }

    private static int[] sampled(long[] live) {
        int operations = live.length;
        int peak = 0;
        for (int i = 0; i < operations; i++) {
            peak = live[i] > live[peak] ? i : peak;
        }
        int steps = Math.min(operations, SAMPLES);
        int[] all = new int[steps + 2]; // With the peak and, as 0, the first.
        for (int k = 0; k < steps; k++) {
            all[k] = (int) ((k + 1L) * operations / steps) - 1;
        }
        all[steps] = peak;
        return Arrays.stream(operations == 0 ? new int[0] : all)
                .sorted()
                .distinct()
                .toArray();
    }

    /**
     * Writes the image.
     *
     * @throws IOException if the file cannot be written
     */
    void write(Path file) throws IOException {
        int waits = (int) Arrays.stream(awaited).filter(i -> i != NOBODY).count();
        long bytes = HEADER_BYTES
                + (long) THREAD_BYTES * trace.threads()
                + (long) OPERATION_BYTES * trace.operations()
                + (long) Integer.BYTES * (waits + samples.length);
        if (bytes > Integer.MAX_VALUE) {
            throw new IOException("the trace has too many operations, %,d, to be replayed by another process"
                    .formatted(trace.operations()));
        }
        ByteBuffer image = ByteBuffer.allocate((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
        image.putLong(MAGIC).putLong(trace.operations()).putLong(trace.slots());
        image.putLong(trace.threads()).putLong(samples.length).putLong(waits);
        int[][] byThread = byThread();
        putThreads(image, byThread);
        for (int[] operations : byThread) {
            for (int i : operations) {
                putOperation(image, i);
            }
        }
        putWaitsAndSamples(image, byThread);
        try (FileChannel out = FileChannel.open(
                file, StandardOpenOption.WRITE, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING)) {
            image.flip();
            while (image.hasRemaining()) {
                out.write(image);
            }
        }
    }

    private int[][] byThread() {
        int[] count = new int[trace.threads()];
        for (int i = 0; i < place.length; i++) {
            count[trace.thread(i)]++;
        }
        int[][] operations = new int[count.length][];
        for (int t = 0; t < count.length; t++) {
            operations[t] = new int[count[t]];
        }
        for (int i = 0; i < place.length; i++) {
            operations[trace.thread(i)][place[i]] = i;
        }
        return operations;
    }

    private void putThreads(ByteBuffer image, int[][] byThread) {
        long operation = 0;
        long wait = 0;
        long sample = 0;
        for (int[] operations : byThread) {
            image.putLong(operations.length).putLong(operation).putLong(wait).putLong(sample);
            operation += operations.length;
            wait += count(operations, WAIT);
            sample += count(operations, TAKE_SAMPLE);
        }
    }

    private long count(int[] operations, int flag) {
        return Arrays.stream(operations).filter(i -> (flags[i] & flag) != 0).count();
    }

    private void putOperation(ByteBuffer image, int i) {
        int waitFor = awaited[i] == NOBODY ? 0 : trace.thread(awaited[i]);
        image.put(trace.op(i).code()).put(flags[i]).putShort((short) waitFor).putInt(trace.slot(i));
        image.putLong(trace.bytes(i)).putLong(trace.argument(i));
    }

    private void putWaitsAndSamples(ByteBuffer image, int[][] byThread) {
        for (int[] operations : byThread) {
            for (int i : operations) {
                if (awaited[i] != NOBODY) {
                    image.putInt(place[awaited[i]] + 1);
                }
            }
        }
        for (int[] operations : byThread) {
            for (int i : operations) {
                if ((flags[i] & TAKE_SAMPLE) != 0) {
                    image.putInt(Arrays.binarySearch(samples, i));
                }
            }
        }
    }
}
