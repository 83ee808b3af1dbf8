package io.github.ptmalloc4j.lab.replay;

import io.github.ptmalloc4j.lab.trace.Trace;
import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.ptmalloc.HeapCorruption;
import io.github.ptmalloc4j.ptmalloc.Malloc;
import io.github.ptmalloc4j.verify.Pagemap;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.function.DoubleConsumer;
import java.util.stream.LongStream;

/**
 * All passes over one trace, each on a fresh heap: passes that warm the JIT compiler, timed passes, one checked pass.
 *
 * <p>Time and checks are never taken in the same pass: filling and reading the blocks would cost more than the
 * allocator, and the page faults of the first touch would be charged to whichever call came next.
 */
final class Replay {
    /** Fewest passes that are timed, and for how long together: 0.3 s. Short traces need many for a steady median. */
    private static final int TIMED_PASSES = 5;

    private static final long TIMED_NANOS = 300_000_000;

    /** How far the work has come when the warm-up, the timed passes and the checked pass end. */
    private static final double WARM = 0.6;

    private static final double TIMED = 0.8;
    private static final double DONE = 1;

    private final Trace trace;
    private final HeapSource heaps;
    private final Duration warmUp;
    private final DoubleConsumer progress;

    /**
     * A replay.
     *
     * @param warmUp how long the JIT compiler is given before the clock counts
     * @param progress told now and then which part of the work is done: 0 to 1
     */
    Replay(Trace trace, HeapSource heaps, Duration warmUp, DoubleConsumer progress) {
        this.trace = trace;
        this.heaps = heaps;
        this.warmUp = warmUp;
        this.progress = progress;
    }

    /**
     * Makes all passes.
     *
     * @throws ReplayFailure if the heap does something that it must not do
     */
    ReplayResult run() throws ReplayFailure {
        double nanos = nanosPerOperation();
        rehearse();
        return checked(nanos);
    }

    /** A checked pass that is not counted: the JVM's own faults, as of classes not loaded yet, fall into it. */
    private void rehearse() throws ReplayFailure {
        try (Malloc heap = heaps.open(new Footprint())) {
            new CheckedPass(trace, heap, part -> {}).run();
        }
    }

    /** Makes the checked pass alone; {@code nanos} goes into the result as it is. */
    ReplayResult checked(double nanos) throws ReplayFailure {
        Footprint footprint = new Footprint();
        try (Malloc heap = heaps.open(footprint)) {
            return checked(heap, footprint, nanos);
        }
    }

    private double nanosPerOperation() throws ReplayFailure {
        passes(0, warmUp.toNanos(), 0, WARM);
        long[] nanos = passes(TIMED_PASSES, TIMED_NANOS, WARM, TIMED);
        Arrays.sort(nanos);
        return (double) nanos[nanos.length / 2] / Math.max(trace.calls(), 1);
    }

    /** Makes passes until there are so many and so much time has gone; returns how long each took, in nanoseconds. */
    private long[] passes(int atLeast, long nanos, double from, double to) throws ReplayFailure {
        long start = System.nanoTime();
        LongStream.Builder times = LongStream.builder();
        for (int done = 0; done < atLeast || System.nanoTime() - start < nanos; done++) {
            times.add(timed());
            double spent = (double) (System.nanoTime() - start) / Math.max(nanos, 1);
            progress.accept(from + Math.min(spent, 1) * (to - from));
        }
        return times.build().toArray();
    }

    private long timed() throws ReplayFailure {
        try (Malloc heap = heaps.open()) {
            return new TimedPass(trace, heap).run();
        } catch (HeapCorruption e) {
            throw new ReplayFailure(trace.name() + ": in a timed pass: " + e.getMessage(), e);
        }
    }

    private ReplayResult checked(Malloc heap, Footprint footprint, double nanos) throws ReplayFailure {
        CheckedPass pass = new CheckedPass(trace, heap, part -> progress.accept(TIMED + part * (DONE - TIMED)));
        long faultsBefore = Linux.KERNEL.minorFaultsOfThread();
        pass.run();
        long faults = Linux.KERNEL.minorFaultsOfThread() - faultsBefore;
        long systemCalls = footprint.systemCalls();
        long resident = residentPages(heap, footprint);
        pass.checkEnd();
        long peakHeap = footprint.peakBytes();
        return new ReplayResult(
                trace.name(),
                trace.calls(),
                nanos,
                pass.peakLive(),
                peakHeap,
                (double) pass.peakLive() / Math.max(peakHeap, 1),
                faults,
                resident,
                systemCalls,
                pass.refused());
    }

    private static long residentPages(Malloc heap, Footprint footprint) {
        long pages = Pagemap.of(heap.breakStart(), heap.breakNow()).resident();
        for (Map.Entry<Long, Long> mapping : footprint.mappings().entrySet()) {
            pages += Pagemap.of(mapping.getKey(), mapping.getValue()).resident();
        }
        return pages;
    }
}
