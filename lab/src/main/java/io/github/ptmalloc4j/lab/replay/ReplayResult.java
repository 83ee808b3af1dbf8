package io.github.ptmalloc4j.lab.replay;

/**
 * The row of one trace. The time is that of the timed passes, everything else that of the checked pass.
 *
 * @param trace its name
 * @param operations calls of the allocator
 * @param nanosPerOperation median over the timed passes
 * @param peakLiveBytes largest sum of the requested sizes of live blocks
 * @param peakHeapBytes largest sum of the break's growth and the mapped bytes
 * @param utilisation peak live bytes divided by peak heap bytes
 * @param minorFaults of the replaying thread: what the engine and the filling of the blocks cost together
 * @param residentPages pages of 4,096 bytes in memory behind the last operation, blocks still live included
 * @param systemCalls made by the heap during the operations
 * @param refusedOperations requests that found no memory, or that posix_memalign called invalid
 */
record ReplayResult(
        String trace,
        int operations,
        double nanosPerOperation,
        long peakLiveBytes,
        long peakHeapBytes,
        double utilisation,
        long minorFaults,
        long residentPages,
        long systemCalls,
        long refusedOperations) {}
