package io.github.ptmalloc4j;

import io.github.ptmalloc4j.ptmalloc.HeapCorruption;
import java.lang.reflect.Modifier;
import java.util.Map;
import java.util.WeakHashMap;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.FlightRecorderListener;
import jdk.jfr.Recording;

/**
 * Tells Flight Recorder of heaps. Until the process first records, nothing of this is loaded but this class, and an event costs
 * one test.
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
        FlightRecorder.addListener(new WhenRecording());
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

    /** Adds the periodic event as soon as there is a recorder, and samples as long as somebody wants samples. */
    private static final class WhenRecording implements FlightRecorderListener {
        @Override
        public void recorderInitialized(FlightRecorder recorder) {
            // Not at the first event: it may come under an arena's lock, and virtual threads that wait for a class pin
            // their carriers.
            for (Class<?> event : HeapEvent.class.getPermittedSubclasses()) {
                register(event);
            }
            on = true;
            FlightRecorder.addPeriodicEvent(HeapEvent.Statistics.class, FlightRecording::recordStatistics);
            // A recording may run already.
            sampleIfWanted();
        }

        private static void register(Class<?> event) {
            if (Modifier.isAbstract(event.getModifiers())) {
                for (Class<?> kind : event.getPermittedSubclasses()) {
                    register(kind);
                }
            } else {
                FlightRecorder.register(event.asSubclass(Event.class));
            }
        }

        @Override
        public void recordingStateChanged(Recording recording) {
            sampleIfWanted();
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
        EventType samples = EventType.getEventType(HeapEvent.AllocationSample.class);
        synchronized (HEAPS) {
            boolean wanted =
                    samples.isEnabled(); // Asked inside: of two who do this at a time the later one knows better.
            if (wanted != sampling) {
                sampling = wanted;
                HEAPS.keySet().forEach(heap -> heap.sample(wanted));
            }
        }
    }

    private static void recordStatistics() {
        sampleIfWanted();
        Map<Ptmalloc, String> heaps;
        synchronized (HEAPS) {
            heaps = Map.copyOf(HEAPS);
        }
        heaps.forEach((heap, name) -> {
            try {
                new HeapEvent.Statistics(name, heap.snapshot()).commit();
            } catch (IllegalStateException | HeapCorruption e) {
                // Closed meanwhile, or broken: the next call on the heap is told.
            }
        });
    }
}
