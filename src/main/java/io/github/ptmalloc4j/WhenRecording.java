package io.github.ptmalloc4j;

import io.github.ptmalloc4j.ptmalloc.HeapCorruption;
import java.lang.reflect.Modifier;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.FlightRecorderListener;
import jdk.jfr.Recording;

/** Gets the events ready as soon as there is a recorder, and samples as long as somebody wants samples. */
final class WhenRecording implements FlightRecorderListener {
    private WhenRecording() {}

    static void listen() {
        FlightRecorder.addListener(new WhenRecording());
    }

    /** Whether a recording has samples enabled now. */
    static boolean wantsSamples() {
        return EventType.getEventType(HeapEvent.AllocationSample.class).isEnabled();
    }

    @Override
    public void recorderInitialized(FlightRecorder recorder) {
        // Not at the first event: it may come under an arena's lock, and virtual threads that wait for a class pin
        // their carriers.
        for (Class<?> event : HeapEvent.class.getPermittedSubclasses()) {
            register(event);
        }
        FlightRecording.begin();
        FlightRecorder.addPeriodicEvent(HeapEvent.Statistics.class, WhenRecording::recordStatistics);
        // A recording may run already.
        FlightRecording.sampleIfWanted();
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
        FlightRecording.sampleIfWanted();
    }

    private static void recordStatistics() {
        FlightRecording.sampleIfWanted();
        FlightRecording.heaps().forEach((heap, name) -> {
            try {
                new HeapEvent.Statistics(name, heap.snapshot()).commit();
            } catch (IllegalStateException | HeapCorruption e) {
                // Closed meanwhile, or broken: the next call on the heap is told.
            }
        });
    }
}
