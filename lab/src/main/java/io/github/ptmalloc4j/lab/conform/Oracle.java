package io.github.ptmalloc4j.lab.conform;

import io.github.ptmalloc4j.ptmalloc.Mallinfo2;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * The C library's malloc in a fresh process of its own, asked in batches.
 *
 * <p>{@link #send} a batch, then {@link #receive} its answers; the oracle works in between, at the same time as the caller.
 * A batch is read whole before the first answer is written, so neither side waits for the other.
 */
public final class Oracle implements AutoCloseable {
    /** The version of the C library that the engine reproduces. */
    public static final String VERSION = "2.36";

    /** At most as many operations and questions for statistics go into a batch. */
    static final int BATCH = 8192;

    private static final int OPERATION_BYTES = 24;
    private static final int ANSWER_BYTES = 8 * Answer.WORDS;
    private static final int STATISTICS_BYTES = 80;
    private static final int HELLO_BYTES = 32;
    private static final String MAGIC = "ptm4j 02";
    private static final char STATISTICS = 'i';
    private static final byte[] XML_END = "</malloc>\n".getBytes(StandardCharsets.US_ASCII);

    private final Process process;
    private final OutputStream requests;
    private final InputStream answers;
    private final ByteBuffer requestBytes = littleEndian(4 + BATCH * OPERATION_BYTES);
    private final ByteBuffer answerBytes = littleEndian(BATCH * ANSWER_BYTES);
    private final String version;

    /** Starts the program for operations of its main thread. */
    public Oracle(Path program, String tunables) {
        this(program, tunables, 0);
    }

    /**
     * Starts the program.
     *
     * @param tunables what its environment holds as GLIBC_TUNABLES, and nothing else; may be empty
     * @param threads how many it starts beside the main one, as {@link Operations#threads} tells
     * @throws UncheckedIOException if it does not start or is something else
     */
    Oracle(Path program, String tunables, int threads) {
        ProcessBuilder builder = new ProcessBuilder(program.toString(), Integer.toString(threads))
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().clear();
        if (!tunables.isEmpty()) {
            builder.environment().put("GLIBC_TUNABLES", tunables);
        }
        try {
            process = builder.start();
            requests = process.getOutputStream();
            answers = new BufferedInputStream(process.getInputStream(), 1 << 16);
            version = hello();
        } catch (IOException e) {
            throw new UncheckedIOException("the oracle " + program + " does not work", e);
        }
    }

    private static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private String hello() throws IOException {
        byte[] hello = answers.readNBytes(HELLO_BYTES);
        String text = new String(hello, StandardCharsets.US_ASCII);
        if (hello.length < HELLO_BYTES || !text.startsWith(MAGIC)) {
            throw new IOException("it does not say what an oracle says");
        }
        return text.substring(MAGIC.length()).replace("\0", "");
    }

    /** The version of the C library that answers. */
    public String version() {
        return version;
    }

    /**
     * Sends a batch.
     *
     * @param statisticsEvery how often statistics are asked for: after each operation whose number, from 1 on, divides by
     *     it, and after the last of all
     */
    void send(Operations operations, int from, int to, int statisticsEvery) {
        requestBytes.clear().position(4);
        int count = 0;
        for (int i = from; i < to; i++) {
            request(operations.call(i), operations.id(i), operations.first(i), operations.second(i));
            count++;
            if (statisticsAfter(operations, i, statisticsEvery)) {
                request(STATISTICS, 0, 0, 0);
                count++;
            }
        }
        requestBytes.putInt(0, count);
        try {
            requests.write(requestBytes.array(), 0, requestBytes.position());
            requests.flush();
        } catch (IOException e) {
            throw ended(e);
        }
    }

    private void request(char call, int id, long first, long second) {
        requestBytes.putInt(call).putInt(id).putLong(first).putLong(second);
    }

    /** Whether statistics follow the operation at {@code index}. */
    static boolean statisticsAfter(Operations operations, int index, int every) {
        return (index + 1) % every == 0 || index + 1 == operations.size();
    }

    /** Receives the answers to what was sent with the same numbers. */
    Answers receive(Operations operations, int from, int to, int statisticsEvery) {
        Answers received = new Answers(from, to - from);
        try {
            int next = from;
            for (int i = from; i < to; i++) {
                if (statisticsAfter(operations, i, statisticsEvery)) {
                    receiveAnswers(received, next, i + 1);
                    received.addStatistics(receiveStatistics());
                    next = i + 1;
                }
            }
            receiveAnswers(received, next, to);
        } catch (IOException e) {
            throw ended(e);
        }
        return received;
    }

    private void receiveAnswers(Answers received, int from, int to) throws IOException {
        receiveBytes((to - from) * ANSWER_BYTES);
        for (int i = from; i < to; i++) {
            received.add(
                    i,
                    answerBytes.getLong(),
                    answerBytes.getLong(),
                    answerBytes.getLong(),
                    answerBytes.getLong(),
                    answerBytes.getLong());
        }
    }

    private Statistics receiveStatistics() throws IOException {
        receiveBytes(STATISTICS_BYTES);
        ByteBuffer in = answerBytes;
        Mallinfo2 info = new Mallinfo2(
                in.getLong(),
                in.getLong(),
                in.getLong(),
                in.getLong(),
                in.getLong(),
                in.getLong(),
                in.getLong(),
                in.getLong(),
                in.getLong(),
                in.getLong());
        return new Statistics(info, receiveXml());
    }

    private String receiveXml() throws IOException {
        byte[] xml = new byte[1 << 12];
        int length = 0;
        while (length < XML_END.length
                || !Arrays.equals(xml, length - XML_END.length, length, XML_END, 0, XML_END.length)) {
            int next = answers.read();
            if (next < 0) {
                throw new EOFException();
            }
            if (length == xml.length) {
                xml = Arrays.copyOf(xml, 2 * length);
            }
            xml[length++] = (byte) next;
        }
        return new String(xml, 0, length, StandardCharsets.US_ASCII);
    }

    private void receiveBytes(int bytes) throws IOException {
        if (answers.readNBytes(answerBytes.array(), 0, bytes) < bytes) {
            throw new EOFException();
        }
        answerBytes.clear().limit(bytes);
    }

    private UncheckedIOException ended(IOException cause) {
        String how = "";
        try {
            how = process.waitFor(1, TimeUnit.SECONDS) ? " with status " + process.exitValue() : " its streams";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return new UncheckedIOException("the oracle ended" + how + "; its last words are above", cause);
    }

    /** Ends the process. */
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            requests.close();
            answers.close();
        } catch (IOException e) {
            // The process is gone, and what it did not read or write with it.
        }
    }
}
