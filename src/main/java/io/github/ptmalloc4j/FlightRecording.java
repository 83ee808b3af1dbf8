package io.github.ptmalloc4j;

import java.util.Map;
import java.util.WeakHashMap;

/**
 * Whether Flight Recorder is told of heaps, and of which. Until the process first records, an event costs one test. Names no class
 * of Flight Recorder, which a JVM need not have: all that do are {@link WhenRecording} and {@link HeapEvent}.
 */
final class FlightRecording {
    private static final boolean PRESENT = isPresent();
    /** The open heaps, for the periodic event. */
    private static final Map<Ptmalloc, String> HEAPS = new WeakHashMap<>();

    private static boolean started;
    /** Whether there are recordings and events are ready for them. */
    private static volatile boolean on;

    private static volatile boolean sampling;

    private FlightRecording() {}

    private static boolean isPresent() {
        return ModuleLayer.boot()
                .findModule("jdk.jfr")
                .filter(FlightRecording.class.getModule()::canRead)
                .isPresent();
    }

    /** Whether the process records now, or did before. */
    static boolean isOn() {
        return on;
    }

    /** From now on recordings hear of heaps; called before the first one is made. */
    static void listen() {
        if (!PRESENT) {
            return;
        }
        synchronized (HEAPS) {
            if (started) {
                return;
            }
            started = true;
        }
        WhenRecording.listen();
    }

    /** From now on the heap's statistics are recorded when statistics are, and its requests when samples are. */
    static void add(Ptmalloc heap, String name) {
        synchronized (HEAPS) {
            HEAPS.put(heap, name);
            heap.sample(sampling);
        }
    }

    static void remove(Ptmalloc heap) {
        synchronized (HEAPS) {
            HEAPS.remove(heap);
        }
    }

    /** Whether requests are looked at. */
    static boolean isSampling() {
        return sampling;
    }

    /**
     * Begins or ends looking at requests. Flight Recorder tells of recordings that begin and end, but not of settings that
     * change meanwhile: those are seen when next statistics are recorded, or a sample that nobody wants.
     */
    static void sampleIfWanted() {
        synchronized (HEAPS) {
            // Asked inside: of two who do this at a time the later one knows better.
            boolean wanted = WhenRecording.wantsSamples();
            if (wanted != sampling) {
                sampling = wanted;
                HEAPS.keySet().forEach(heap -> heap.sample(wanted));
            }
        }
    }

    /** The open heaps and their names. */
    static Map<Ptmalloc, String> heaps() {
        synchronized (HEAPS) {
            return Map.copyOf(HEAPS);
        }
    }

    /** Events are ready. */
    static void begin() {
        on = true;
    }
}
