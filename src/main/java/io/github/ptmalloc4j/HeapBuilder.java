package io.github.ptmalloc4j;

import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.MeteredOs;
import io.github.ptmalloc4j.os.MoreCore;
import io.github.ptmalloc4j.os.NativeAccess;
import io.github.ptmalloc4j.os.Os;
import io.github.ptmalloc4j.os.PrivateBreak;
import io.github.ptmalloc4j.os.ProgramBreak;
import io.github.ptmalloc4j.ptmalloc.Malloc;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Settings of a heap that is to be made.
 *
 * <pre>{@code
 * Ptmalloc heap = Ptmalloc.builder()
 *         .tunables(Tunables.service())
 *         .limit(512 << 20)
 *         .onNearLimit(0.9, (mapped, limit) -> log.warn("{} of {} bytes mapped", mapped, limit))
 *         .build();
 * }</pre>
 */
public final class HeapBuilder {
    /** Bytes from one remembered block to the next unless told otherwise: 512 KiB. */
    public static final long LEAK_INTERVAL = 512 << 10;

    private static final AtomicLong MADE = new AtomicLong();

    private Tunables tunables = Tunables.GLIBC;
    private long reservation = Ptmalloc.DEFAULT_RESERVATION;
    private boolean programBreak;
    private long limit = MeteredOs.NONE;
    private double fraction = 1;
    private LimitListener listener;
    private String name;
    private long samplePeriod = 512 << 10;
    private long leakInterval;
    private boolean leaksAtLeisure;

    HeapBuilder() {}

    /** The engine's settings; {@link Tunables#GLIBC} unless set. */
    public HeapBuilder tunables(Tunables value) {
        tunables = Objects.requireNonNull(value);
        return this;
    }

    /** Bytes of address space for a private heap's break; {@link Ptmalloc#DEFAULT_RESERVATION} unless set. */
    public HeapBuilder reservation(long bytes) {
        reservation = bytes;
        return this;
    }

    /** The break of the process itself instead of a private one; see {@link Ptmalloc#onProgramBreak(Tunables)}. */
    public HeapBuilder onProgramBreak() {
        programBreak = true;
        return this;
    }

    /** What the heap is called in events and messages; {@code heap-} and a number unless set. */
    public HeapBuilder name(String value) {
        name = Objects.requireNonNull(value);
        return this;
    }

    /**
     * What the heap may map at most. A request that needs more finds no memory, as if the machine had none: 0, and nothing
     * has changed. All pages count that may be read and written, touched or not; addresses that are only reserved do not. As
     * the heap takes memory in steps (of {@code top_pad} and more), a request may be refused before the last page is taken.
     *
     * @param bytes a page or more; none unless set
     * @throws IllegalArgumentException if it is not positive
     */
    public HeapBuilder limit(long bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException("a limit is a positive number of bytes, not " + bytes);
        }
        limit = bytes;
        return this;
    }

    /**
     * Who is to hear that the heap comes near its limit: once each time that its mapped bytes go from below the threshold to
     * it or beyond. Without a limit nobody hears anything.
     *
     * @param threshold which part of the limit is near: above 0, at most 1
     * @throws IllegalArgumentException if the threshold is out of range
     */
    public HeapBuilder onNearLimit(double threshold, LimitListener hears) {
        if (!(threshold > 0 && threshold <= 1)) {
            throw new IllegalArgumentException("the threshold is above 0 and at most 1, not " + threshold);
        }
        fraction = threshold;
        listener = Objects.requireNonNull(hears);
        return this;
    }

    /**
     * How often Flight Recorder gets a {@code ptmalloc4j.AllocationSample}, if that event is enabled: a request with its
     * stack each time that a thread has asked for about so much. Enabled in a recording that runs already, it begins when next
     * {@code ptmalloc4j.HeapStatistics} are recorded or another recording starts or stops.
     *
     * <p>A heap that {@link #findLeaks finds leaks} samples for that, and Flight Recorder gets the same samples.
     *
     * @param bytes on average; 512 KiB unless set
     * @throws IllegalArgumentException if it is not positive
     */
    public HeapBuilder sampleEvery(long bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException("samples are a positive number of bytes apart, not " + bytes);
        }
        samplePeriod = bytes;
        return this;
    }

    /**
     * As {@link #findLeaks(long)} with {@link #LEAK_INTERVAL}, and at leisure: a thread that allocates so fast that it would be
     * sampled more than about 200 times a second is sampled more rarely, and each sample stands for more.
     */
    public HeapBuilder findLeaks() {
        findLeaks(LEAK_INTERVAL);
        leaksAtLeisure = true;
        return this;
    }

    /**
     * Remembers of sampled blocks who allocated them, so that {@link Ptmalloc#liveBlocks()} can tell what leaks. Off unless
     * set. A small block that is sampled takes a kilobyte, so that its free can be told from all others at no cost to them; a
     * heap that remembers every block does without, and every call takes a longer way there.
     *
     * @param interval bytes allocated from one remembered block to the next, on average; 1 remembers every block
     * @throws IllegalArgumentException if it is not positive
     */
    public HeapBuilder findLeaks(long interval) {
        if (interval <= 0) {
            throw new IllegalArgumentException("the interval is a positive number of bytes, not " + interval);
        }
        leakInterval = interval;
        leaksAtLeisure = false;
        return this;
    }

    /**
     * Makes the heap. The calling thread is its main thread.
     *
     * @throws OutOfMemoryError if no address space is left, or the limit does not allow for the first page
     * @throws IllegalStateException if the program break is wanted and is not ours alone, or the JVM denies native access; the
     *     message says what the JVM must be started with
     */
    public Ptmalloc build() {
        NativeAccess.require();
        FlightRecording.listen();
        String label = name == null ? "heap-" + MADE.incrementAndGet() : name;
        LeakFinder leaks = leakInterval == 0 ? null : new LeakFinder(leakInterval);
        HeapObserver observer = new HeapObserver(label, limit, listener, leaks);
        MeteredOs os = new MeteredOs(Linux.KERNEL, limit, warning(), observer);
        observer.setOs(os);
        Malloc malloc = new Malloc(os, moreCore(os), tunables, observer);
        if (leaks != null) {
            malloc.track(leakInterval, leaksAtLeisure);
        }
        Ptmalloc heap = new Ptmalloc(malloc, os, label, samplePeriod, leaks);
        FlightRecording.add(heap, label);
        return heap;
    }

    private long warning() {
        return limit == MeteredOs.NONE || listener == null ? MeteredOs.NONE : (long) Math.ceil(limit * fraction);
    }

    private MoreCore moreCore(Os os) {
        return programBreak ? ProgramBreak.claim(os) : PrivateBreak.reserve(os, reservation);
    }
}
