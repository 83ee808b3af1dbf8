package io.github.ptmalloc4j.nativetests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.ptmalloc4j.Ptmalloc;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Virtual threads that wait for each other in a heap let their carriers go. */
class PinningTest {
    private static final String PINNED = "jdk.VirtualThreadPinned";
    private static final int THREADS = 200;
    private static final int CALLS = 1000;
    private static final String OURS = "io.github.ptmalloc4j.";
    private static final String TESTS = PinningTest.class.getPackageName() + ".";

    @TempDir
    Path directory;

    /** Initialising this class blocks below a frame of the JVM itself, which pins. */
    private static final class Pins {
        static final Object NOTHING = sleep();

        private static Object sleep() {
            try {
                Thread.sleep(50);
                return "";
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Test
    void theRecorderSeesAPinnedThread() throws IOException, InterruptedException {
        List<RecordedEvent> pinned = recorded(() ->
                Thread.ofVirtual().start(() -> assertEquals("", Pins.NOTHING)).join());
        assertFalse(pinned.stream().filter(has(TESTS)).toList().isEmpty(), pinned::toString);
    }

    @Test
    void noThreadIsPinnedInAHeapOfGlibc() throws IOException, InterruptedException {
        noThreadIsPinned(Tunables.GLIBC);
    }

    @Test
    void noThreadIsPinnedInAHeapForServices() throws IOException, InterruptedException {
        noThreadIsPinned(Tunables.service());
    }

    @Test
    void noThreadIsPinnedWhereAllShareOneArena() throws IOException, InterruptedException {
        noThreadIsPinned(Tunables.builder().arenaMax(1).build());
    }

    private void noThreadIsPinned(Tunables tunables) throws IOException, InterruptedException {
        // The JVM pins whoever waits while it links a system call for its first caller: that is not the heap's.
        try (Ptmalloc heap = Ptmalloc.create(tunables)) {
            Thread.ofVirtual().start(() -> contend(heap)).join();
        }
        List<RecordedEvent> pinned = recorded(() -> {
            try (Ptmalloc heap = Ptmalloc.create(tunables)) {
                List<Thread> threads = new ArrayList<>();
                for (int i = 0; i < THREADS; i++) {
                    threads.add(Thread.ofVirtual().start(() -> contend(heap)));
                }
                for (Thread thread : threads) {
                    thread.join();
                }
                heap.check();
            }
        });
        assertEquals(List.of(), pinned.stream().filter(has(OURS)).toList());
    }

    private static void contend(Ptmalloc heap) {
        SplittableRandom random = new SplittableRandom(Thread.currentThread().threadId());
        long[] held = new long[16];
        for (int i = 0; i < CALLS; i++) {
            int slot = random.nextInt(held.length);
            held[slot] = heap.realloc(held[slot], random.nextLong(i % 100 == 0 ? 500_000 : 5000));
            if (i % 8 == 0) {
                Thread.yield();
            }
        }
        for (long mem : held) {
            heap.free(mem);
        }
    }

    private interface Action {
        void run() throws InterruptedException;
    }

    private List<RecordedEvent> recorded(Action action) throws IOException, InterruptedException {
        Path file = directory.resolve("pinned.jfr");
        try (Recording recording = new Recording()) {
            recording.enable(PINNED).withThreshold(Duration.ZERO).withStackTrace();
            recording.start();
            action.run();
            recording.stop();
            recording.dump(file);
        }
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals(PINNED))
                .toList();
    }

    private static Predicate<RecordedEvent> has(String prefix) {
        return event -> event.getStackTrace() != null
                && event.getStackTrace().getFrames().stream()
                        .anyMatch(frame -> frame.getMethod().getType().getName().startsWith(prefix));
    }
}
