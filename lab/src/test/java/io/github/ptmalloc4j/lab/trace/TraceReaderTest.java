package io.github.ptmalloc4j.lab.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceReaderTest {
    @TempDir
    Path directory;

    @Test
    void aClassicHeaderHasAHeapSizeFirst() throws Exception {
        assertEquals(2, read("20000\n1\n2\n1\na 0 512\nf 0\n").operations());
    }

    @Test
    void aNewerHeaderHasTheWeightFirstAndThePeakLast() throws Exception {
        assertEquals(512, read("1\n1\n2\n512\na 0 512\nf 0\n").peakLiveBytes());
    }

    @Test
    void theNumberOfOperationsMayBeOffByOne() throws Exception {
        assertEquals(2, read("1\n1\n1\n0\na 0 512\nf 0\n").operations());
        assertEquals(2, read("1\n1\n3\n0\na 0 512\nf 0\n").operations());
    }

    @Test
    void aFileThatWasCutOffIsAnError() {
        assertMessage("t.rep:3: the header promises 1,000 operations, the file has 2", "1\n1\n1000\n0\na 0 512\nf 0\n");
    }

    @Test
    void linesMayEndAsOnDosAndTheLastOneNotAtAll() throws Exception {
        assertEquals("f 0", read("1\r\n1\r\n2\r\n0\r\na 0 512\r\nf 0").line(1));
    }

    @Test
    void commentsAndEmptyLinesAreSkippedButCounted() {
        assertMessage("t.rep:8: id 7 is unknown: nothing was allocated under it", "1\n1\n2\n0\n# why\n\na 0 8\nf 7\n");
    }

    @Test
    void anIdMayBeUsedAgainOnceItIsFreed() throws Exception {
        Trace trace = trace("a 0 1", "f 0", "a 0 2", "f 0");
        assertEquals(1, trace.slots());
        assertEquals(2, trace.peakLiveBytes());
    }

    @Test
    void aSlotIsUsedAgainByTheNextBlock() throws Exception {
        assertEquals(2, trace("a 10 1", "a 900000000 1", "f 10", "a 11 1").slots());
    }

    @Test
    void idMinusOneFreesNull() throws Exception {
        assertEquals(-1, trace("f -1").slot(0));
    }

    @Test
    void reallocWithoutAnEarlierBlockAllocates() throws Exception {
        assertEquals(100, trace("r 0 100", "f 0").peakLiveBytes());
    }

    @Test
    void reallocToZeroBytesFrees() {
        assertMessage("t.rep:7: id 0 is freed twice: line 6 freed it already", body("a 0 100", "r 0 0", "f 0"));
    }

    @Test
    void sizesReachToTheEndOfSizeT() throws Exception {
        assertEquals(-1, trace("a 0 18446744073709551615").bytes(0));
    }

    @Test
    void theProductOfACallocThatOverflowsIsTheLargestSize() throws Exception {
        assertEquals(-1, trace("c 0 4294967296 4294967296").requested(0));
        assertEquals(30, trace("c 0 3 10").requested(0));
    }

    @Test
    void aDoubleFreeIsAnError() {
        assertMessage("t.rep:7: id 0 is freed twice: line 6 freed it already", body("a 0 8", "f 0", "f 0"));
    }

    @Test
    void anIdThatIsAllocatedTwiceIsAnError() {
        assertMessage("t.rep:6: id 0 is allocated twice: it is live since line 5", body("a 0 8", "a 0 8"));
    }

    @Test
    void anUnknownIdIsAnError() {
        assertMessage("t.rep:6: id 1 is unknown: nothing was allocated under it", body("a 0 8", "f 1"));
    }

    @Test
    void aWriteToABlockThatWasFreedIsAnError() {
        assertMessage("t.rep:7: id 0 is written to but not live: line 6 freed it", body("a 0 8", "f 0", "w 0 1"));
    }

    @Test
    void aWriteBeyondItsBlockIsAnError() {
        assertMessage("t.rep:6: 9 bytes are written to id 0, which has 8", body("a 0 8", "w 0 9"));
    }

    @Test
    void aNegativeSizeIsAnError() {
        assertMessage("t.rep:5: a size is 0 or more, not \"-8\"", body("a 0 -8"));
    }

    @Test
    void aNegativeIdIsAnError() {
        assertMessage("t.rep:5: an id is 0 or more, not -2", body("f -2"));
    }

    @Test
    void aSizeThatIsNoNumberIsAnError() {
        assertMessage("t.rep:5: a size is a number below 2^64, not \"8k\"", body("a 0 8k"));
    }

    @Test
    void anUnknownLetterIsAnError() {
        assertMessage("t.rep:5: no operation begins with \"x\"", body("x 0 8"));
    }

    @Test
    void aLineThatLacksANumberIsAnError() {
        assertMessage("t.rep:5: the line should have the form a ID BYTES, not \"a 0\"", body("a 0"));
    }

    @Test
    void aLineWithANumberTooManyIsAnError() {
        assertMessage("t.rep:5: the line should have the form f ID, not \"f 0 1\"", body("f 0 1"));
    }

    @Test
    void aHeaderThatIsNoNumberIsAnError() {
        assertMessage("t.rep:2: the first four lines of a trace are one number each, not \"a 0 8\"", "1\na 0 8\n");
    }

    @Test
    void anEmptyFileIsAnError() {
        assertMessage("t.rep:1: the file ends within its header of four numbers", "");
    }

    @Test
    void aLineOfGarbageIsQuotedShortAndPrintable() {
        assertMessage(
                "t.rep:5: no operation begins with \"?" + "y".repeat(39) + "…\"", body("\u0001" + "y".repeat(90)));
    }

    @Test
    void aMissingFileIsAnError() {
        Path file = directory.resolve("none.rep");
        assertEquals(
                file + ": there is no such file",
                assertThrows(BadTrace.class, () -> TraceReader.read(file)).getMessage());
    }

    @Test
    void aDirectoryIsAnError() {
        assertEquals(
                directory + ": this is a directory, not a trace",
                assertThrows(BadTrace.class, () -> TraceReader.read(directory)).getMessage());
    }

    @Test
    void aCompressedFileIsRecognisedByItsContents() throws Exception {
        assertEquals(1, read("t.rep", gzip(body("a 0 8"))).operations());
    }

    @Test
    void aFileNamedGzThatIsNoneIsAnError() {
        BadTrace e = assertThrows(
                BadTrace.class, () -> read("t.rep.gz", body("a 0 8").getBytes(StandardCharsets.UTF_8)));
        assertEquals("t.rep.gz:1: the file is not in gzip form, as its name says", e.getMessage());
    }

    @Test
    void aGzipFileThatIsCutOffIsAnErrorWithItsLine() {
        byte[] whole = gzip(body("a 0 8", "f 0", "a 0 9", "f 0"));
        BadTrace e = assertThrows(BadTrace.class, () -> read("t.rep.gz", Arrays.copyOf(whole, whole.length - 12)));
        assertTrue(e.getMessage().matches("t\\.rep\\.gz:\\d+: the gzip data is cut off, .*"), e.getMessage());
    }

    @Test
    void aGzipFileWithChangedBytesIsAnErrorWithItsLine() {
        byte[] broken = gzip(body("a 0 8", "f 0", "a 0 9", "f 0"));
        broken[broken.length - 8] ^= 1; // Of the checksum.
        BadTrace e = assertThrows(BadTrace.class, () -> read("t.rep.gz", broken));
        assertTrue(e.getMessage().matches("t\\.rep\\.gz:\\d+: the gzip data is broken.*"), e.getMessage());
    }

    @Test
    void theNameOfATraceIsThatOfItsFileWithoutEndings() throws Exception {
        Path file = directory.resolve("perl.rep.gz");
        Files.write(file, gzip(body("a 0 8")));
        assertEquals("perl", TraceReader.read(file).name());
    }

    private static void assertMessage(String message, String text) {
        assertEquals(message, assertThrows(BadTrace.class, () -> read(text)).getMessage());
    }

    private static Trace trace(String... lines) throws BadTrace, IOException {
        return read(body(lines));
    }

    /** A file of these operations, its header as it should be. */
    private static String body(String... lines) {
        return "1\n1\n" + lines.length + "\n0\n" + String.join("\n", lines) + "\n";
    }

    private static Trace read(String text) throws BadTrace, IOException {
        return read("t.rep", text.getBytes(StandardCharsets.UTF_8));
    }

    private static Trace read(String name, byte[] bytes) throws BadTrace, IOException {
        return TraceReader.read(name, new ByteArrayInputStream(bytes));
    }

    private static byte[] gzip(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new AssertionError("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }
}
