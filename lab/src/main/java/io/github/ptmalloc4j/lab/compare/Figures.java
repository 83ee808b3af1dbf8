package io.github.ptmalloc4j.lab.compare;

import java.util.List;
import java.util.Locale;

/** The figures of a report as people read them, the same in every table. */
final class Figures {
    private static final String MISSING = "–";

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
    static final List<String> MEANINGS = List.of(
            "ns per oper.: wall time of a pass by its calls of the allocator; the median pass, and the fastest and the slowest."
                    + " These passes make the calls and touch nothing. In C and for this project's heaps each pass has a fresh"
                    + " heap; what else runs in a JVM keeps its heap from pass to pass.",
            "All else is of one pass that writes every byte asked for, counted from the trace's first operation on.",
            "peak heap: the most that the break and the writable private mappings had grown by, seen by ptrace; in C with what"
                    + " the allocator had taken when it started. What shares a heap with its JVM (…-ffm, arena-…, direct-buffer)"
                    + " also uses what was free there, which is not in the figure.",
            "utilisation: peak live bytes by peak heap.",
            "peak resident: the most that the process's anonymous memory in RAM had grown by, at samples.",
            "minor faults: of the replaying thread, or of the process where the trace has threads.",
            "system calls: brk, mmap, munmap, mremap, mprotect and madvise by the replaying threads, counted by ptrace in a pass"
                    + " of its own.");

    private Figures() {}

    /** The cells of a row, as many as {@link #HEADS}. */
    static List<String> cells(Measurement row) {
        return List.of(
                row.allocator(),
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

    /** Nanoseconds with one digit behind the point. */
    static String nanos(Double value) {
        return value == null ? MISSING : String.format(Locale.ROOT, "%,.1f", value);
    }

    static String percent(Double value) {
        return value == null ? MISSING : String.format(Locale.ROOT, "%.1f%%", 100 * value);
    }

    /** A score, 0 to 100. */
    static String score(Double value) {
        return value == null ? MISSING : String.format(Locale.ROOT, "%.1f", value);
    }
}
