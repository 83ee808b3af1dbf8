package io.github.ptmalloc4j.lab.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The figures of a report as people read them, the same in every table. */
final class Figures {
    private static final String MISSING = "–";

    /** Behind the name of an allocator whose times are not those of a fresh heap. */
    private static final String KEPT = "*";

    private static final double WITHOUT_TENTHS = 1000;

    /** The heads of a trace's table: two lines each. */
    static final List<List<String>> HEADS = List.of(
            List.of("", "allocator"),
            List.of("ns per oper.", "median"),
            List.of("ns per oper.", "fastest–slowest"),
            List.of("peak heap", "bytes"),
            List.of("utili-", "sation"),
            List.of("peak resident", "bytes"),
            List.of("minor", "faults"),
            List.of("system", "calls"));

    /** What the columns mean, one each. */
    private static final List<String> MEANINGS = List.of(
            "ns per oper.: wall time of a pass divided by its calls of the allocator; the median pass, and the fastest and the"
                    + " slowest. These passes make the calls and touch nothing.",
            "* keeps its heap from pass to pass, and warm-up has paid for its page faults and system calls. The others, in C and"
                    + " this project's, begin each pass with a fresh heap. Compare times and scores of * with those of * only.",
            "All else is of one pass that writes every byte asked for, counted from the trace's first operation on.",
            "peak heap: the most that the break and the writable private mappings had grown by, seen by ptrace; in C with what"
                    + " the allocator had taken when it started. Those with * also use what they, or the JVM that they share a"
                    + " heap with, had before the first operation: it is not in the figure, and their utilisation looks too good.",
            "utilisation: peak live bytes divided by peak heap; over all traces the mean, each counting alike.",
            "peak resident: the most that the process's anonymous memory in RAM had grown by, at samples.",
            "minor faults: page faults without reading from disk, of the replaying thread, or of the process where the trace has"
                    + " threads.",
            "system calls: brk, mmap, munmap, mremap, mprotect and madvise by the replaying threads, counted by ptrace in a pass"
                    + " of its own.",
            MISSING + ": not known; a line below the table or the row itself says why.");

    private Figures() {}

    /** The cells of a row, as many as {@link #HEADS}. */
    static List<String> cells(Measurement row) {
        return List.of(
                name(row.allocator()),
                nanos(row.nanosPerOperation()),
                row.nanosPerOperation() == null
                        ? MISSING
                        : nanos(row.fastestNanosPerOperation()) + "–" + nanos(row.slowestNanosPerOperation()),
                number(row.peakHeapBytes()),
                percent(row.utilisation()),
                number(row.peakResidentBytes()),
                number(row.minorFaults()),
                number(row.systemCalls()));
    }

    /** The heads of the table over all traces: two lines each. */
    static List<List<String>> summaryHeads(List<ScoreRule> rules) {
        List<List<String>> heads = new ArrayList<>(List.of(
                List.of("all traces", "allocator"),
                List.of("ns per oper.", "of all calls"),
                List.of("utilisation", "mean"),
                List.of("minor faults", "sum"),
                List.of("system calls", "sum")));
        rules.forEach(rule -> heads.add(List.of(rule.name(), "of 100")));
        return heads;
    }

    /** The cells of a row over all traces, as many as {@link #summaryHeads}. */
    static List<String> cells(Summary row, List<ScoreRule> rules) {
        List<String> cells = new ArrayList<>(List.of(
                name(row.allocator()),
                nanos(row.nanosPerOperation()),
                percent(row.meanUtilisation()),
                number(row.minorFaults()),
                number(row.systemCalls())));
        rules.forEach(rule -> cells.add(score(row.scores().get(rule.name()))));
        return cells;
    }

    /** What is to be said below a trace's table: each sentence once, behind all that it is true of. */
    static List<String> remarks(TraceComparison trace) {
        Map<String, List<String>> of = new LinkedHashMap<>();
        for (Measurement row : trace.allocators()) {
            if (row.nanosPerOperation() != null && row.note() != null) {
                of.computeIfAbsent(row.note(), note -> new ArrayList<>()).add(row.allocator());
            }
            if (row.refused() != null && row.refused() > 0) {
                of.computeIfAbsent(number(row.refused()) + " requests were refused", note -> new ArrayList<>())
                        .add(row.allocator());
            }
        }
        List<String> remarks = new ArrayList<>();
        of.forEach((note, names) -> remarks.add(String.join(", ", names) + ": " + note));
        if (trace.leftOut() > 0) {
            remarks.add(number(trace.leftOut()) + " lines of the file have no place in a replay and were left out");
        }
        return remarks;
    }

    /** What the columns of both tables mean, one sentence or more each. */
    static List<String> meanings(List<ScoreRule> rules) {
        List<String> all = new ArrayList<>(MEANINGS);
        rules.forEach(rule -> all.add("%s (score of the %s): %s".formatted(rule.name(), rule.from(), rule.formula())));
        return all;
    }

    /** An allocator's name, marked if its heap is kept from pass to pass. */
    static String name(String allocator) {
        return allocator + (Allocator.named(allocator).map(Allocator::keepsHeap).orElse(false) ? KEPT : "");
    }

    /** The head of a trace: what is true of all its rows. */
    static String title(TraceComparison trace) {
        return "%s: %s operations, peak live %s bytes%s"
                .formatted(
                        trace.trace(),
                        number((long) trace.operations()),
                        number(trace.peakLiveBytes()),
                        trace.threads() > 1 ? ", " + trace.threads() + " threads" : "");
    }

    /** A whole number with separators. */
    static String number(Long value) {
        return value == null ? MISSING : String.format(Locale.ROOT, "%,d", value);
    }

    /** Nanoseconds, below a thousand with one digit behind the point. */
    static String nanos(Double value) {
        return value == null ? MISSING : String.format(Locale.ROOT, value < WITHOUT_TENTHS ? "%,.1f" : "%,.0f", value);
    }

    static String percent(Double value) {
        return value == null ? MISSING : String.format(Locale.ROOT, "%.1f%%", 100 * value);
    }

    /** A score, 0 to 100. */
    static String score(Double value) {
        return value == null ? MISSING : String.format(Locale.ROOT, "%.1f", value);
    }
}
