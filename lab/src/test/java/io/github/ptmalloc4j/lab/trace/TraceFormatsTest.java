package io.github.ptmalloc4j.lab.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Every form but the malloc lab's, which {@link TraceReaderTest} has: a good file and a bad one each. */
class TraceFormatsTest {
    private static final String HEAPTRACK = """
            v 10400 3
            x b /usr/bin/ls
            X ls /
            I 1000 5e2990
            m 1 -
            t 7f68a7bcfb9f 0
            + 11c00 1 556ce7702540
            t 7f68a7b6f05c 1
            + 1d8 2 556ce77141e0
            c a
            R 2f0
            - 556ce77141e0
            + 10 2 556ce77141e0
            - 1234
            """;

    @Test
    void heaptrackRaw() throws Exception {
        Trace trace = read(HEAPTRACK);
        assertEquals(List.of("a 0 72704", "a 1 472", "f 1", "a 2 16"), lines(trace));
        assertEquals(1, trace.leftOut());
        assertEquals(72704 + 472, trace.peakLiveBytes());
    }

    @Test
    void heaptrackInterpreted() throws Exception {
        assertEquals(
                List.of("a 0 72704", "a 1 472", "a 2 472", "f 1", "a 3 472"),
                lines(read("v 10400 3\nX ls\ns 5 hello\na 11c00 4\n+ 0\na 1d8 7\n+ 1\n+ 1\n- 1\n+ 1\n")));
    }

    @Test
    void heaptrackThatLacksAnAddress() {
        assertMessage("t:2: the line ends where a number should be", "v 10400 3\n+ 10 1 \n");
        assertMessage("t:2: heaptrack's numbers are hexadecimal, unlike \"0xff\"", "v 10400 3\n- 0xff\n");
    }

    @Test
    void anAddressThatComesBackAliveWasFreedUnseen() throws Exception {
        assertEquals(List.of("a 0 16", "f 0", "a 1 32"), lines(read("v 10400 3\n+ 10 1 ff0\n+ 20 1 ff0\n")));
    }

    @Test
    void zstdIsRecognisedByItsContents() throws Exception {
        byte[] packed = Zstd.compress(HEAPTRACK.getBytes(StandardCharsets.UTF_8));
        assertEquals(4, read("ls.raw.zst", packed).operations());
        assertEquals("ls", read("ls.raw.zst", packed).name());
    }

    @Test
    void zstdThatIsCutOffIsAnErrorWithItsLine() {
        byte[] packed = Zstd.compress(HEAPTRACK.getBytes(StandardCharsets.UTF_8));
        String message = assertThrows(BadTrace.class, () -> read("t.zst", Arrays.copyOf(packed, packed.length - 9)))
                .getMessage();
        assertTrue(message.matches("t\\.zst:\\d+: the zstd data is cut off, .*"), message);
    }

    @Test
    void mtrace() throws Exception {
        Trace trace = read("""
                = Start
                @ ./t:[0x11a0] + 0x5568172614a0 0x64
                @ /a path/t:(main+0x20)[0x11b5] < 0x5568172614a0
                @ /a path/t:(main+0x20)[0x11b5] > 0x556817262830 0x1388
                @ ./t:[0x11c8] + 0x5568172614a0 0x96
                + 0x5568172600 0x10
                @ ./t:[0x11d8] - 0x5568172614a0
                @ ./t:[0x1248] ! 0x556817262830 0x1000000000000000
                @ ./t:[0x11d8] - 0x99
                = End
                """);
        assertEquals(List.of("a 0 100", "r 0 5000", "a 1 150", "a 2 16", "f 1"), lines(trace));
        assertEquals(2, trace.leftOut());
    }

    @Test
    void mtraceWithAnUnknownSign() {
        assertMessage("t:2: no line of mtrace has the form \"@ ./t:[0x1] ? 0x10\"", "= Start\n@ ./t:[0x1] ? 0x10\n");
        assertMessage("t:2: a number below 2^64 should be here, not \"0xzz\"", "= Start\n- 0xzz\n");
    }

    @Test
    void valgrind() throws Exception {
        Trace trace = read("""
                ==7== Memcheck, a memory error detector
                what the program says
                --7-- malloc(100) = 0x4A40040
                --7-- realloc(0x4A40040,5000) = 0x4A400F0
                --7-- calloc(3,50) = 0x4A414C0
                --7-- free(0x4A414C0)
                --7-- memalign(al 64, size 100) = 0x4A41600
                --7-- realloc(0x4A400F0,0)free(0x4A400F0)
                --7--  = 0
                --7-- realloc(0x0,33)malloc(33) = 0x4A416D0
                --9-- malloc(7) = 0x1000
                --7-- _Znwm(16) = 0x4D6EE40
                --7-- _ZnwmSt11align_val_t(size 64, al 128) = 0x4D6ED80
                --7-- _ZdlPvmSt11align_val_t(0x4D6ED80)
                --7-- _ZdaPv(0x4D6EE40)
                --7-- malloc(1152921504606846976) = 0x0
                --7-- free(0x0)
                ==7== HEAP SUMMARY:
                """);
        assertEquals(
                List.of(
                        "a 0 100",
                        "r 0 5000",
                        "c 1 3 50",
                        "f 1",
                        "m 2 64 100",
                        "f 0",
                        "a 3 33",
                        "a 4 16",
                        "m 5 128 64",
                        "f 5",
                        "f 4",
                        "f -1"),
                lines(trace));
        assertEquals(2, trace.leftOut());
    }

    @Test
    void valgrindWithABrokenCall() {
        assertMessage(
                "t:2: valgrind writes no call as \"calloc(3) = 0x10\"",
                "==7== Memcheck, a memory error detector\n--7-- calloc(3) = 0x10\n");
    }

    @Test
    void memoryReplayHasThreads() throws Exception {
        Trace trace = read("""
                12: malloc 0x7a10 32
                13: calloc 0x7a80 4 16 100 200
                13: realloc 0x7ac0 0x7a10 64
                12: memalign 0x8000 4096 100
                13: free 0x8000
                12: free 0x7a80 100 200
                12: thread_done 0x0
                """);
        assertEquals(List.of("a 0 32", "c 1 4 16", "r 0 64", "m 2 4096 100", "f 2", "f 1"), lines(trace));
        assertEquals(2, trace.threads());
        assertEquals(List.of(0, 1, 1, 0, 1, 0), threads(trace));
    }

    @Test
    void memoryReplayWithAnUnknownCall() {
        assertMessage("t:2: no call is named \"mallocx\"", "1: malloc 0x10 8\n1: mallocx 0x20 8\n");
        assertMessage("t:2: the line ends where a number should be", "1: malloc 0x10 8\n1: malloc 0x20\n");
    }

    @Test
    void logallocHasThreads() throws Exception {
        Trace trace = read("""
                1 1 malloc(42)=#1
                1 2 realloc(#1,100)=#2
                1 2 posix_memalign(64,10)=#3
                1 1 jemalloc_stats()
                1 1 calloc(2,8)=#1
                1 1 free(#2)
                1 3 free(#0)
                """);
        assertEquals(List.of("a 0 42", "r 0 100", "p 1 64 10", "c 2 2 8", "f 0", "f -1"), lines(trace));
        assertEquals(List.of(0, 1, 1, 0, 0, 2), threads(trace));
        assertEquals(1, trace.leftOut());
    }

    @Test
    void logallocWithAnArgumentTooFew() {
        assertMessage("t:2: calloc has 2 arguments, not 1", "1 1 malloc(42)=#1\n1 1 calloc(42)=#2\n");
    }

    @Test
    void theMallocLabsFormHasThreadsAsAnExtension() throws Exception {
        Trace trace = read("1\n2\n4\n24\na 0 8\n@ 1\na 1 16\nf 0\n@ 0\nf 1\n");
        assertEquals(List.of(0, 1, 1, 0), threads(trace));
        StringBuilder written = new StringBuilder();
        TraceWriter.write(trace, written);
        assertEquals("1\n2\n4\n24\na 0 8\n@ 1\na 1 16\nf 0\n@ 0\nf 1\n", written.toString());
    }

    @Test
    void aSlotStaysWithTheThreadThatFreedIt() throws Exception {
        Trace trace = read("1\n3\n5\n24\na 0 8\n@ 1\nf 0\n@ 0\na 1 8\n@ 1\na 2 8\nf 2\n");
        assertEquals(
                List.of(0, 0, 1, 0, 0),
                IntStream.range(0, 5).mapToObj(trace::slot).toList());
    }

    @Test
    void theFirstLineOfTheHeaderIsAWeightUpToThree() throws Exception {
        assertEquals(2, read("2\n1\n1\n8\na 0 8\n").weight());
        assertEquals(1, read("20000\n1\n1\n1\na 0 8\n").weight());
    }

    private static void assertMessage(String message, String text) {
        assertEquals(message, assertThrows(BadTrace.class, () -> read(text)).getMessage());
    }

    private static List<String> lines(Trace trace) {
        return IntStream.range(0, trace.operations()).mapToObj(trace::line).toList();
    }

    private static List<Integer> threads(Trace trace) {
        return IntStream.range(0, trace.operations()).mapToObj(trace::thread).toList();
    }

    private static Trace read(String text) throws BadTrace, IOException {
        return read("t", text.getBytes(StandardCharsets.UTF_8));
    }

    private static Trace read(String name, byte[] bytes) throws BadTrace, IOException {
        return TraceReader.read(name, new ByteArrayInputStream(bytes));
    }
}
