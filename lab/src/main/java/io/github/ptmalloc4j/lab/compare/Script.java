package io.github.ptmalloc4j.lab.compare;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A {@link TraceImage}, read back into arrays.
 *
 * @param slots how many slots the blocks need
 * @param samples how many samples are taken
 * @param parts what each thread does
 */
record Script(int slots, int samples, Part[] parts) {
    /**
     * What one thread does.
     *
     * @param heads of the operations: code, flags from bit 8 on, the thread to wait for from bit 16 on
     * @param waits how many operations that thread must have made, one element for each operation that waits
     * @param sampleNumbers one element for each operation that takes a sample
     */
    record Part(int[] heads, int[] slots, long[] bytes, long[] arguments, int[] waits, int[] sampleNumbers) {}

    /** Reads a file that {@link TraceImage#write} has written. */
    static Script read(Path file) throws IOException {
        ByteBuffer image = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        if (image.getLong() != TraceImage.MAGIC) {
            throw new IOException(file + " is no image of a trace");
        }
        int operations = (int) image.getLong();
        int slots = (int) image.getLong();
        Part[] parts = new Part[(int) image.getLong()];
        int samples = (int) image.getLong();
        int waits = (int) image.getLong();
        int operationsAt = TraceImage.HEADER_BYTES + TraceImage.THREAD_BYTES * parts.length;
        int waitsAt = operationsAt + TraceImage.OPERATION_BYTES * operations;
        int samplesAt = waitsAt + Integer.BYTES * waits;
        for (int t = 0; t < parts.length; t++) {
            image.position(TraceImage.HEADER_BYTES + TraceImage.THREAD_BYTES * t);
            int count = (int) image.getLong();
            int first = operationsAt + TraceImage.OPERATION_BYTES * (int) image.getLong();
            int firstWait = waitsAt + Integer.BYTES * (int) image.getLong();
            int firstSample = samplesAt + Integer.BYTES * (int) image.getLong();
            parts[t] = part(image, count, first, firstWait, firstSample);
        }
        return new Script(slots, samples, parts);
    }

    private static Part part(ByteBuffer image, int count, int first, int firstWait, int firstSample) {
        int[] heads = new int[count];
        int[] slots = new int[count];
        long[] bytes = new long[count];
        long[] arguments = new long[count];
        image.position(first);
        int waits = 0;
        int samples = 0;
        for (int i = 0; i < count; i++) {
            heads[i] = image.getInt();
            slots[i] = image.getInt();
            bytes[i] = image.getLong();
            arguments[i] = image.getLong();
            waits += (heads[i] >> 8 & TraceImage.WAIT) != 0 ? 1 : 0;
            samples += (heads[i] >> 8 & TraceImage.TAKE_SAMPLE) != 0 ? 1 : 0;
        }
        return new Part(
                heads, slots, bytes, arguments, ints(image, firstWait, waits), ints(image, firstSample, samples));
    }

    private static int[] ints(ByteBuffer image, int first, int count) {
        int[] numbers = new int[count];
        image.position(first);
        for (int i = 0; i < count; i++) {
            numbers[i] = image.getInt();
        }
        return numbers;
    }
}
