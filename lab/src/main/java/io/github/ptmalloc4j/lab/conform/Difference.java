package io.github.ptmalloc4j.lab.conform;

import io.github.ptmalloc4j.ptmalloc.HeapChunk;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The first operation after which the two did not agree.
 *
 * @param index of the operation, from 0 on
 * @param operation its line in the trace format
 * @param theirs what the C library said
 * @param ours what the engine said, or how it failed
 * @param walk the heap of the engine around the operation, a line for each chunk
 * @param failure what the engine threw; null if it only said something else
 */
public record Difference(int index, String operation, String theirs, String ours, String walk, Throwable failure) {
    /** Chunks shown before and behind the place of the difference. */
    private static final int AROUND = 8;

    /** A report of several lines. */
    public String report() {
        return """
                operation %d: %s
                  glibc: %s
                  ours:  %s
                  the heap around it (offset, size, flags, state, bin):
                %s""".formatted(index + 1, operation, theirs, ours, walk);
    }

    /**
     * The part of a walk next to the given offsets.
     *
     * @param start the address from which offsets count
     */
    static String walkAround(List<HeapChunk> chunks, long start, long... offsets) {
        boolean[] shown = new boolean[chunks.size()];
        for (long offset : offsets) {
            int nearest = 0;
            for (int i = 0; i < chunks.size() && chunks.get(i).mem() - start <= offset; i++) {
                nearest = i;
            }
            for (int i = Math.max(0, nearest - AROUND); i < Math.min(shown.length, nearest + AROUND); i++) {
                shown[i] = true;
            }
        }
        return IntStream.range(0, shown.length)
                .filter(i -> shown[i])
                .mapToObj(i -> line(chunks.get(i), start))
                .collect(Collectors.joining("\n"));
    }

    private static String line(HeapChunk chunk, long start) {
        String bin = chunk.bin() < 0 ? "" : " " + chunk.bin();
        return "    0x%-8x %8d %d %s%s".formatted(chunk.mem() - start, chunk.size(), chunk.flags(), chunk.state(), bin);
    }
}
