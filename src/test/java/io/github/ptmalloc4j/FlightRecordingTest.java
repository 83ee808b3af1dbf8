package io.github.ptmalloc4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import jdk.jfr.consumer.RecordingStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class FlightRecordingTest {
    private static final long MIB = 1L << 20;

    private static final List<String> NAMES = Stream.of(
                    "HeapGrown",
                    "HeapMapped",
                    "HeapUnmapped",
                    "HeapTrimmed",
                    "ArenaCreated",
                    "OutOfMemory",
                    "HeapStatistics")
            .map(name -> "ptmalloc4j." + name)
            .toList();

    @TempDir
    Path directory;

    private List<RecordedEvent> record(Runnable program) throws IOException {
        Path file = directory.resolve("heap.jfr");
        try (Recording recording = new Recording()) {
            NAMES.forEach(recording::enable);
            recording.enable("ptmalloc4j.HeapStatistics").withPeriod(Duration.ofMillis(20));
            recording.start();
            program.run();
            recording.stop();
            recording.dump(file);
        }
        return RecordingFile.readAllEvents(file);
    }

    private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
        return events.stream()
                .filter(e -> e.getEventType().getName().equals("ptmalloc4j." + name))
                .filter(e -> e.getString("heap").equals("recorded"))
                .toList();
    }

    private static void program() {
        try (Ptmalloc heap = Ptmalloc.builder().name("recorded").limit(64 * MIB).build()) {
            heap.malloc(1000);
            heap.free(heap.malloc(10 * MIB));
            heap.malloc(100 * MIB);
            heap.mallocTrim(0);
            Thread other = Thread.ofPlatform().start(() -> heap.malloc(100));
            try {
                other.join();
                Thread.sleep(200);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Test
    void aRecordingHasAnEventOfEachKind() throws IOException {
        List<RecordedEvent> events = record(FlightRecordingTest::program);
        for (String name : NAMES) {
            String simple = name.substring(name.indexOf('.') + 1);
            assertFalse(named(events, simple).isEmpty(), name);
            assertEquals(
                    List.of("ptmalloc4j"),
                    named(events, simple).getFirst().getEventType().getCategoryNames());
        }
    }

    @Test
    void anEventSaysWhatHappenedAndWhoAsked() throws IOException {
        List<RecordedEvent> events = record(FlightRecordingTest::program);
        assertTrue(named(events, "HeapMapped").stream().anyMatch(e -> e.getLong("size") == 10 * MIB + 4096));
        assertTrue(named(events, "HeapUnmapped").stream().anyMatch(e -> e.getLong("size") == 10 * MIB + 4096));
        RecordedEvent refused = named(events, "OutOfMemory").getFirst();
        assertEquals(100 * MIB, refused.getLong("requested"));
        assertEquals(64 * MIB, refused.getLong("limit"));
        assertTrue(refused.getStackTrace().getFrames().stream()
                .anyMatch(f -> f.getMethod().getName().equals("program")));
        RecordedEvent statistics = named(events, "HeapStatistics").getLast();
        assertTrue(statistics.getLong("mapped") >= statistics.getLong("inUse"));
        assertTrue(statistics.getLong("inUse") >= 1000);
    }

    @Test
    void aClosedHeapIsNotInTheStatistics() throws IOException {
        List<RecordedEvent> events = record(() -> {
            Ptmalloc.builder().name("recorded").build().close();
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        long late = named(events, "HeapStatistics").size();
        assertTrue(late <= 1, late + " events");
    }

    private static void allocateMuch(Ptmalloc heap) {
        for (int i = 0; i < 100_000; i++) {
            heap.free(heap.malloc(100));
            heap.free(heap.realloc(heap.calloc(1, 20), 40));
        }
    }

    private static List<RecordedEvent> samples(Recording recording, Path file) throws IOException {
        recording.stop();
        recording.dump(file);
        return named(RecordingFile.readAllEvents(file), "AllocationSample");
    }

    @Test
    void allocationsAreSampledWithTheirStacksWhileTheEventIsEnabled() throws Exception {
        try (Ptmalloc heap =
                        Ptmalloc.builder().name("recorded").sampleEvery(100_000).build();
                Recording recording = new Recording()) {
            allocateMuch(heap);
            recording.enable("ptmalloc4j.AllocationSample");
            recording.start();
            allocateMuch(heap);
            Thread other = Thread.ofPlatform().start(() -> allocateMuch(heap));
            other.join();
            Thread virtual = Thread.ofVirtual().start(() -> allocateMuch(heap));
            virtual.join();
            List<RecordedEvent> samples = samples(recording, directory.resolve("samples.jfr"));
            long bytes = samples.stream().mapToLong(e -> e.getLong("weight")).sum();
            // 48 MB in all, with an error of one part in the root of 480; six times that is out of the question.
            assertTrue(bytes > 35_000_000 && bytes < 61_000_000, bytes + " bytes");
            assertTrue(samples.size() > 300 && samples.size() < 700, samples.size() + " samples");
            long hundreds =
                    samples.stream().filter(e -> e.getLong("requested") == 100).count();
            assertTrue(hundreds > samples.size() / 2 && hundreds < samples.size(), hundreds + " of " + samples.size());
            for (RecordedEvent sample : samples) {
                assertTrue(sample.getStackTrace().getFrames().stream()
                        .anyMatch(f -> f.getMethod().getName().equals("allocateMuch")));
            }
            heap.check();
        }
    }

    @Test
    void nothingIsSampledUnlessItIsAskedFor() throws IOException {
        assertEquals(
                List.of(),
                named(
                        record(() -> {
                            try (Ptmalloc heap = Ptmalloc.builder()
                                    .name("recorded")
                                    .sampleEvery(1)
                                    .build()) {
                                allocateMuch(heap);
                            }
                        }),
                        "AllocationSample"));
    }

    @Test
    void aHeapMadeWhileItIsSampledIsSampledAndItsCachesWorkOn() throws IOException {
        try (Recording recording = new Recording()) {
            recording.enable("ptmalloc4j.AllocationSample");
            recording.start();
            try (Ptmalloc heap =
                    Ptmalloc.builder().name("recorded").sampleEvery(1).build()) {
                long first = heap.malloc(100);
                heap.free(first);
                assertTrue(heap.snapshot().cached() > 0);
                assertEquals(first, heap.malloc(100));
                assertEquals(0, heap.snapshot().cached());
                assertEquals(2, heap.snapshot().calls().mallocs());
                List<RecordedEvent> samples = samples(recording, directory.resolve("new.jfr"));
                assertFalse(samples.isEmpty());
                heap.free(first);
                assertEquals(first, heap.malloc(100));
                heap.check();
            }
        }
    }

    @Test
    @Timeout(60)
    void samplingFollowsASettingThatChangesWhileARecordingRuns() throws Exception {
        CountDownLatch sampled = new CountDownLatch(1);
        try (Ptmalloc heap =
                        Ptmalloc.builder().name("recorded").sampleEvery(1000).build();
                RecordingStream running = new RecordingStream()) {
            running.enable("ptmalloc4j.HeapStatistics").withPeriod(Duration.ofMillis(20));
            running.onEvent("ptmalloc4j.AllocationSample", event -> sampled.countDown());
            running.startAsync();
            allocateMuch(heap);
            assertFalse(FlightRecording.isSampling());
            running.enable("ptmalloc4j.AllocationSample");
            while (sampled.getCount() > 0) {
                allocateMuch(heap);
            }
            assertTrue(FlightRecording.isSampling());
            running.disable("ptmalloc4j.HeapStatistics");
            running.disable("ptmalloc4j.AllocationSample");
            allocateMuch(heap);
            assertFalse(FlightRecording.isSampling());
        }
    }

    /** Makes a heap in a JVM that has recorded from its start. */
    public static final class LateHeap {
        private LateHeap() {}

        public static void main(String[] args) {
            try (Ptmalloc heap = Ptmalloc.builder().name("recorded").build()) {
                allocateMuch(heap);
            }
        }
    }

    @Test
    void aRecordingThatBeganBeforeTheFirstHeapSeesItToo() throws Exception {
        Path file = directory.resolve("early.jfr");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:StartFlightRecording:+ptmalloc4j.AllocationSample#enabled=true,filename=" + file,
                        "-cp",
                        System.getProperty("java.class.path"),
                        LateHeap.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertEquals(0, process.waitFor());
        List<RecordedEvent> events = RecordingFile.readAllEvents(file);
        assertFalse(named(events, "AllocationSample").isEmpty());
        assertFalse(named(events, "HeapMapped").isEmpty());
    }

    /** Uses a heap in every way that is recorded, in a JVM that cannot record. */
    public static final class Unrecorded {
        private Unrecorded() {}

        public static void main(String[] args) {
            if (ModuleLayer.boot().findModule("jdk.jfr").isPresent()) {
                throw new AssertionError("this JVM has Flight Recorder");
            }
            program();
        }
    }

    @Test
    void aJvmWithoutFlightRecorderHasHeapsAllTheSame() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--limit-modules=java.base",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Unrecorded.class.getName())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), said);
    }
}
