package io.github.ptmalloc4j.lab.compare;

import java.util.List;

/**
 * One trace on all allocators.
 *
 * @param trace its name
 * @param operations calls of the allocator
 * @param threads that make them
 * @param weight what it counts for in a score, see {@link io.github.ptmalloc4j.lab.trace.Trace#weight}
 * @param leftOut lines of the file that have no place in a replay
 * @param peakLiveBytes largest sum of the requested sizes of live blocks
 * @param sampledAt how many lines of the trace had been replayed at each sample
 * @param liveBytes the sum of the requested sizes of live blocks at each sample
 * @param allocators the rows
 */
record TraceComparison(
        String trace,
        int operations,
        int threads,
        int weight,
        long leftOut,
        long peakLiveBytes,
        int[] sampledAt,
        long[] liveBytes,
        List<Measurement> allocators) {}
