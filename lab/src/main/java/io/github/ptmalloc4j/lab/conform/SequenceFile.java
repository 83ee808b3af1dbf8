package io.github.ptmalloc4j.lab.conform;

import io.github.ptmalloc4j.lab.trace.BadTrace;
import io.github.ptmalloc4j.lab.trace.Op;
import io.github.ptmalloc4j.lab.trace.Trace;
import io.github.ptmalloc4j.lab.trace.TraceReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A sequence in the trace format, with the settings under which it is compared.
 *
 * <p>What the format lacks stands in comments, which other readers skip: {@code # tunables NAME=VALUE:…} behind the header,
 * and events where they happen, such as {@code # s BYTES} (somebody else moves the break) and {@code # T THREAD} (it is
 * another thread's turn), see {@link Operations#isEvent}.
 *
 * @param operations ids count from 1; 0 never holds a block
 * @param tunables as in GLIBC_TUNABLES; empty if the file says nothing
 */
record SequenceFile(Operations operations, String tunables) {
    private static final int HEADER_LINES = 4;
    private static final String TUNABLES = "# tunables ";
    private static final Pattern EVENT = Pattern.compile("# (X|[sxzT] \\d+ *)");

    /** Reads any trace that {@code replay} reads. */
    static SequenceFile read(Path file) throws BadTrace, IOException {
        Trace trace = TraceReader.read(file);
        // A compressed file is a recorded one, and has no comments of ours.
        List<String> lines =
                file.toString().endsWith(".gz") ? List.of() : Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        Operations operations = new Operations();
        String tunables = "";
        int next = 0;
        for (String line : lines.subList(Math.min(HEADER_LINES, lines.size()), lines.size())) {
            if (line.startsWith(TUNABLES)) {
                tunables = line.substring(TUNABLES.length()).strip();
            } else if (EVENT.matcher(line).matches()) {
                long number =
                        line.length() > 3 ? Long.parseLong(line.substring(4).strip()) : 0;
                operations.add(line.charAt(2), 0, number, 0);
            } else if (!line.isBlank() && !line.startsWith("#")) {
                add(operations, trace, next++);
            }
        }
        while (next < trace.operations()) {
            add(operations, trace, next++);
        }
        return new SequenceFile(operations, tunables);
    }

    private static void add(Operations operations, Trace trace, int i) {
        Op op = trace.op(i);
        if (op == Op.WRITE) {
            return; // No call.
        }
        char call = op.letter();
        int id = Math.max(trace.slot(i), -1) + 1;
        if (call == Operations.MALLOPT || Operations.takesTwo(call)) {
            operations.add(call, id, trace.argument(i), trace.bytes(i));
        } else {
            operations.add(call, id, trace.bytes(i), 0);
        }
    }

    /**
     * Writes a sequence so that {@link #read} gives it back, with new ids.
     *
     * @param comments lines for the reader, without their {@code #}
     */
    static void write(Path file, Operations operations, String tunables, List<String> comments) throws IOException {
        StringBuilder body = new StringBuilder();
        int[] idOf = new int[operations.idLimit()];
        int ids = 0;
        int count = 0;
        for (int i = 0; i < operations.size(); i++) {
            char call = operations.call(i);
            if (!Operations.takesId(call)) {
                boolean ours = Operations.isEvent(call);
                body.append(ours ? "# " : "").append(operations.text(i)).append('\n');
                count += ours ? 0 : 1;
                continue;
            }
            // A block gets an id of its own, which the format demands; 0 here means that the id holds none.
            boolean fresh = call != Operations.FREE && (call != Operations.REALLOC || idOf[operations.id(i)] == 0);
            int id = fresh ? ++ids : idOf[operations.id(i)];
            boolean gone = call == Operations.FREE || call == Operations.REALLOC && !fresh && operations.bytes(i) == 0;
            idOf[operations.id(i)] = gone ? 0 : id;
            body.append(withId(operations.text(i), id - 1)).append('\n');
            count++;
        }
        StringBuilder text = new StringBuilder("1\n%d\n%d\n0\n".formatted(ids, count));
        comments.forEach(comment -> text.append("# ").append(comment).append('\n'));
        text.append(TUNABLES).append(tunables).append('\n').append(body);
        Files.writeString(file, text);
    }

    private static String withId(String line, int id) {
        int behind = line.indexOf(' ', 2);
        return line.substring(0, 2) + id + (behind < 0 ? "" : line.substring(behind));
    }
}
