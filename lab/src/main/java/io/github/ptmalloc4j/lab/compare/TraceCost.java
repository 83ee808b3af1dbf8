package io.github.ptmalloc4j.lab.compare;

import io.github.ptmalloc4j.lab.trace.BadTrace;
import io.github.ptmalloc4j.lab.trace.Trace;
import io.github.ptmalloc4j.lab.trace.TraceReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What a recorded program costs on one allocator, for programs that measure.
 *
 * @param operations calls of the allocator
 * @param wallNanos of a median pass
 * @param cpuNanos of the replaying threads in a median pass
 * @param peakLiveBytes asked for and not given back, at most
 * @param peakHeapBytes of the break and the writable mappings, at most
 * @param peakResidentBytes of anonymous memory, at most
 * @param minorFaults in a pass that writes every byte
 */
public record TraceCost(
        int operations,
        long wallNanos,
        long cpuNanos,
        long peakLiveBytes,
        long peakHeapBytes,
        long peakResidentBytes,
        long minorFaults) {
    private static final int PASSES = 3;

    /**
     * Replays a trace in processes of their own, as {@code ptmalloc4j replay --allocators} does.
     *
     * @param file of any format that {@link TraceReader} knows
     * @param allocator a name of {@link ComparisonReport#allocators}
     * @param warmUp how long the JIT compiler is given
     * @param measured how long passes are timed
     * @throws BadTrace if the file is no trace
     * @throws IOException if files of the replay cannot be written
     * @throws IllegalArgumentException if there is no such allocator
     * @throws IllegalStateException whose message is one sentence, if the replay fails or cannot be made
     */
    public static TraceCost measure(Path file, String allocator, Duration warmUp, Duration measured)
            throws BadTrace, IOException {
        Allocator which = Allocator.named(allocator)
                .orElseThrow(() -> new IllegalArgumentException("there is no allocator " + allocator));
        Trace trace = TraceReader.read(file);
        Comparison comparison = new Comparison(
                new Comparison.Settings("", false, warmUp, PASSES, measured, "gcc", Comparison.LIBRARY_DIRECTORIES));
        Measurement row = comparison
                .compare(trace, List.of(which), Progress.NONE)
                .allocators()
                .getFirst();
        if (row.nanosPerOperation() == null || row.peakHeapBytes() == null) {
            throw new IllegalStateException(trace.name() + " on " + allocator + ": " + row.note());
        }
        return new TraceCost(
                trace.calls(),
                Math.round(row.nanosPerOperation() * trace.calls()),
                Math.round(row.cpuNanosPerOperation(trace.calls()) * trace.calls()),
                trace.peakLiveBytes(),
                row.peakHeapBytes(),
                row.peakResidentBytes(),
                row.minorFaults());
    }
}
