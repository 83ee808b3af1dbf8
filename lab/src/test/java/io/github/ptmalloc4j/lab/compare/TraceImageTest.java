package io.github.ptmalloc4j.lab.compare;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.ptmalloc4j.lab.trace.Op;
import io.github.ptmalloc4j.lab.trace.Trace;
import io.github.ptmalloc4j.lab.trace.TraceBuilder;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceImageTest {
    private static final int FLAGS = 8;

    @TempDir
    Path directory;

    @Test
    void aBlockThatChangesHandsIsWaitedForAndNothingElse() throws Exception {
        Trace trace = new TraceBuilder("t")
                .thread(0)
                .add(Op.MALLOC, 0, 0, 8)
                .add(Op.MALLOC, 1, 0, 8)
                .thread(1)
                .add(Op.MALLOC, 2, 0, 8)
                .add(Op.FREE, 1, 0, 0)
                .add(Op.FREE, 2, 0, 0)
                .build();
        Script script = written(trace);
        assertArrayEquals(new int[] {0, TraceImage.PUBLISH}, flags(script.parts()[0]));
        assertArrayEquals(new int[] {0, TraceImage.WAIT, 0}, flags(script.parts()[1]));
        assertArrayEquals(new int[] {2}, script.parts()[1].waits());
    }

    @Test
    void whatIsReadBackIsWhatWasWritten() throws Exception {
        Trace trace = new TraceBuilder("t")
                .add(Op.CALLOC, 5, 3, 100)
                .add(Op.REALLOC, 5, 0, -1)
                .add(Op.FREE, -1, 0, 0)
                .build();
        Script.Part part = written(trace).parts()[0];
        assertArrayEquals(new int[] {Op.CALLOC.code(), Op.REALLOC.code(), Op.FREE.code()}, codes(part));
        assertArrayEquals(new int[] {0, 0, -1}, part.slots());
        assertArrayEquals(new long[] {100, -1, 0}, part.bytes());
        assertArrayEquals(new long[] {3, 0, 0}, part.arguments());
    }

    @Test
    void samplesAreEvenAndHaveTheFirstThePeakAndTheLast() throws Exception {
        TraceBuilder builder = new TraceBuilder("t");
        for (int i = 0; i < 10_000; i++) {
            builder.add(Op.MALLOC, i, 0, 10);
        }
        for (int i = 0; i < 10_013; i++) {
            builder.add(Op.FREE, i < 10_000 ? i : -1, 0, 0);
        }
        TraceImage image = new TraceImage(builder.build());
        int[] samples = image.samples();
        assertEquals(0, samples[0]);
        assertEquals(20_012, samples[samples.length - 1]);
        int peak = IntStream.range(0, samples.length)
                .filter(k -> samples[k] == 9_999)
                .findFirst()
                .orElseThrow();
        assertEquals(100_000, image.liveAtSamples()[peak]);
        for (int k = 1; k < samples.length; k++) {
            int step = samples[k] - samples[k - 1];
            assertEquals(true, step > 0 && step <= 51, "between samples " + step);
        }
    }

    private Script written(Trace trace) throws Exception {
        Path file = directory.resolve("image");
        new TraceImage(trace).write(file);
        return Script.read(file);
    }

    private static int[] flags(Script.Part part) {
        return IntStream.of(part.heads())
                .map(head -> head >> FLAGS & 0xff & ~TraceImage.TAKE_SAMPLE)
                .toArray();
    }

    private static int[] codes(Script.Part part) {
        return IntStream.of(part.heads()).map(head -> head & 0xff).toArray();
    }
}
