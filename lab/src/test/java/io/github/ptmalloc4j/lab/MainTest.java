package io.github.ptmalloc4j.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
    private static final String TRACE = "1\n2\n3\n30\na 0 10\nc 1 2 10\nf 0\n";

    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void aloneItExplainsEveryCommand() {
        assertEquals(0, run());
        assertTrue(out.toString().contains("replay") && out.toString().contains("verify"), out.toString());
    }

    @Test
    void helpIsWhatItPrintsAlone() {
        run();
        String alone = out.toString();
        out.getBuffer().setLength(0);
        assertEquals(0, run("--help"));
        assertEquals(alone, out.toString());
    }

    @Test
    void theHelpOfReplayHasTheFormOfEveryLine() {
        assertEquals(0, run("replay", "--help"));
        assertTrue(out.toString().contains("c ID COUNT BYTES"), out.toString());
    }

    @Test
    void theVersionNamesTheProgram() {
        assertEquals(0, run("--version"));
        assertTrue(out.toString().startsWith("ptmalloc4j "), out.toString());
    }

    @Test
    void anUnknownCommandIsASentenceAndStatus2() {
        assertEquals(2, run("reply"));
        assertEquals("ptmalloc4j: there is no command reply; try ptmalloc4j --help\n", err.toString());
    }

    @Test
    void anUnknownOptionIsASentenceAndStatus2() {
        assertEquals(2, run("--speed"));
        assertEquals("ptmalloc4j: ptmalloc4j has no option --speed; try ptmalloc4j --help\n", err.toString());
    }

    @Test
    void anUnknownOptionOfACommandNamesTheCommand() {
        assertEquals(2, run("replay", "--speed", "file"));
        assertEquals(
                "ptmalloc4j: ptmalloc4j replay has no option --speed; try ptmalloc4j replay --help\n", err.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"replay", "conform", "stress"})
    void anUnknownTunableIsASentenceAndStatus2(String command) throws Exception {
        assertEquals(2, run(command, "--tunables", "speed=1", trace(TRACE)));
        assertTrue(err.toString().contains("glibc's malloc has no tunable speed"), err.toString());
        assertEquals(1, err.toString().lines().count(), err.toString());
        assertEquals("", out.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"replay", "record", "conform", "stress", "verify"})
    void everyCommandExplainsItself(String command) {
        assertEquals(0, run(command, "-h"));
        assertTrue(out.toString().contains("Usage: ptmalloc4j " + command), out.toString());
        assertTrue(out.toString().contains("-h, --help"), out.toString());
    }

    @Test
    void aReplayWithoutAFileIsASentenceAndStatus2() {
        assertEquals(2, run("replay"));
        assertEquals(1, err.toString().lines().count(), err.toString());
    }

    @Test
    void aMissingFileIsASentenceAndStatus2() {
        String file = directory.resolve("none.rep").toString();
        assertEquals(2, run("replay", file));
        assertEquals(file + ": there is no such file\n", err.toString());
    }

    @Test
    void aMalformedLineStopsTheReplayBeforeItBegins() throws Exception {
        String good = trace(TRACE);
        String bad = directory.resolve("bad.rep").toString();
        Files.writeString(Path.of(bad), "1\n1\n1\n8\nq 0 8\n");
        assertEquals(2, run("replay", good, bad));
        assertEquals(bad + ":5: no operation begins with \"q\"\n", err.toString());
        assertEquals("", out.toString());
    }

    @Test
    void aCleanReplayPrintsARowATraceAndATotal() throws Exception {
        String file = trace(TRACE);
        assertEquals(0, run("replay", "--warm-up", "0", file, file));
        assertEquals(
                2, out.toString().lines().filter(l -> l.startsWith("short ")).count(), out.toString());
        assertTrue(out.toString().contains("total of 2"), out.toString());
        assertTrue(out.toString().lines().allMatch(l -> l.length() <= 120), out.toString());
        assertEquals("", err.toString());
    }

    @Test
    void aReplayAsDataHasTheSameNumbers() throws Exception {
        assertEquals(0, run("replay", "--warm-up", "0", "--json", trace(TRACE)));
        JsonNode report = new ObjectMapper().readTree(out.toString());
        assertEquals("private", report.path("heap").asText());
        assertEquals(7, report.path("tunables").path("tcacheCount").asInt());
        JsonNode row = report.path("traces").path(0);
        assertEquals(3, row.path("operations").asInt());
        assertEquals(30, row.path("peakLiveBytes").asInt());
        assertTrue(row.path("peakHeapBytes").asInt() >= 132 << 10, row.toString());
        assertFalse(report.path("total").path("systemCalls").isMissingNode());
    }

    @Test
    void twoAllocatorsSideBySideAsTextDataAndPage() throws Exception {
        Path page = directory.resolve("page.html");
        String trace = trace("1\n2\n6\n30\na 0 100\nc 1 2 10\n@ 1\nf 0\n@ 0\na 2 3000000\nr 1 5000\nf 2\n");
        String[] words = {
            "replay",
            "--warm-up",
            "0",
            "--passes",
            "2",
            "--allocators",
            "ptmalloc4j,glibc",
            "--html",
            page.toString(),
            trace
        };
        assertEquals(0, run(words), err.toString());
        assertTrue(
                out.toString().contains("short: 6 operations, peak live 3,005,000 bytes, 2 threads"), out.toString());
        for (String start : new String[] {"ptmalloc4j ", "glibc "}) {
            assertEquals(
                    2, out.toString().lines().filter(l -> l.startsWith(start)).count(), out.toString());
        }
        assertTrue(Files.readString(page).contains("<td>ptmalloc4j</td>"));
    }

    @Test
    void aComparisonAsDataHasAllPassesAndSamples() throws Exception {
        assertEquals(
                0,
                run("replay", "--warm-up", "0", "--passes", "3", "--json", "--allocators", "glibc", trace(TRACE)),
                err.toString());
        JsonNode report = new ObjectMapper().readTree(out.toString());
        assertTrue(
                report.path("command").asText().startsWith("./ptmalloc4j replay --warm-up 0 --passes 3 --json "),
                report.path("command").asText());
        JsonNode row = report.at("/traces/0/allocators/0");
        assertTrue(row.path("passNanos").size() >= 3, row.toString());
        assertEquals(3, row.path("residentBytes").size());
        assertTrue(row.path("peakHeapBytes").asInt() >= 132 << 10, row.toString());
    }

    @Test
    void anUnknownAllocatorIsASentenceAndStatus2() throws Exception {
        assertEquals(2, run("replay", "--allocators", "glibc,hoard", trace(TRACE)));
        assertTrue(err.toString().contains("there is no allocator hoard; they are ptmalloc4j, "), err.toString());
        assertEquals(1, err.toString().lines().count(), err.toString());
    }

    @Test
    void aPageThatCannotBeWrittenIsSaidBeforeAnyWork() throws Exception {
        String page = directory.resolve("missing/page.html").toString();
        assertEquals(2, run("replay", "--html", page, trace(TRACE)));
        assertEquals(page + ": there is no directory " + directory.resolve("missing") + "\n", err.toString());
        assertEquals("", out.toString());
    }

    private int run(String... args) {
        return Main.run(new PrintWriter(out), new PrintWriter(err), args);
    }

    private String trace(String text) throws IOException {
        Path file = directory.resolve("short.rep");
        Files.writeString(file, text);
        return file.toString();
    }
}
