package io.github.ptmalloc4j.lab.conform;

import io.github.ptmalloc4j.ptmalloc.Tunables;
import java.nio.file.Path;
import java.util.List;

/**
 * Runs sequences on the C library and on our engine and compares what comes back, operation by operation.
 *
 * @param oracle the oracle's program
 * @param theirs the oracle's tunables, as in GLIBC_TUNABLES
 * @param ours the engine's tunables, in the same form
 * @param breakKind the break that the engine uses
 * @param statisticsEvery after how many operations statistics are compared; they always are at the end
 * @param checking whether every invariant of the engine is verified after each operation, which is slow
 */
public record Comparison(
        Path oracle, String theirs, String ours, BreakKind breakKind, int statisticsEvery, boolean checking) {

    /** How often statistics are compared unless told otherwise: operations. */
    static final int STATISTICS_EVERY = 1000;

    /** Half a batch, since statistics may follow each operation. */
    private static final int BATCH = Oracle.BATCH / 2;

    /** The same settings on both sides. */
    public static Comparison of(Path oracle, String tunables, BreakKind breakKind) {
        return new Comparison(oracle, tunables, tunables, breakKind, STATISTICS_EVERY, false);
    }

    public Comparison withStatisticsEvery(int operations) {
        return new Comparison(oracle, theirs, ours, breakKind, operations, checking);
    }

    public Comparison withChecking(boolean wanted) {
        return new Comparison(oracle, theirs, ours, breakKind, statisticsEvery, wanted);
    }

    /** The first difference that a sequence shows on fresh heaps; null if there is none. */
    public Difference run(Operations operations) {
        try (Oracle reference = new Oracle(oracle, theirs, operations.threads());
                Subject subject = new Subject(breakKind.open(), Tunables.parse(ours), operations)) {
            return run(operations, reference, subject);
        }
    }

    private Difference run(Operations operations, Oracle reference, Subject subject) {
        int size = operations.size();
        int end = Math.min(BATCH, size);
        reference.send(operations, 0, end, statisticsEvery);
        for (int from = 0; from < size; from = end, end = Math.min(end + BATCH, size)) {
            Answers answers = reference.receive(operations, from, end, statisticsEvery);
            if (end < size) {
                // The oracle works on the next batch while we work on this one.
                reference.send(operations, end, Math.min(end + BATCH, size), statisticsEvery);
            }
            Difference difference = compareBatch(operations, from, end, answers, subject);
            if (difference != null) {
                return difference;
            }
        }
        return null;
    }

    /** Hands each turn of a thread over to it as a whole. */
    private Difference compareBatch(Operations operations, int from, int end, Answers answers, Subject subject) {
        Difference difference = null;
        for (int i = from; i < end && difference == null; ) {
            int first = i;
            int next = turnEnd(operations, i, end);
            // What begins or ends a turn is up to the thread that gives it.
            difference = operations.changesThreads(i)
                    ? compareTurn(operations, first, next, answers, subject)
                    : subject.threads().inTurn(() -> compareTurn(operations, first, next, answers, subject));
            i = next;
        }
        return difference;
    }

    private static int turnEnd(Operations operations, int from, int end) {
        int next = from + 1;
        while (next < end && !operations.changesThreads(from) && !operations.changesThreads(next)) {
            next++;
        }
        return next;
    }

    private Difference compareTurn(Operations operations, int from, int end, Answers answers, Subject subject) {
        for (int i = from; i < end; i++) {
            Difference difference = compare(operations, i, answers, subject);
            if (difference != null) {
                return difference;
            }
        }
        return null;
    }

    private Difference compare(Operations operations, int index, Answers answers, Subject subject) {
        Answer expected = answers.get(index);
        Object theirs = expected;
        try {
            Answer actual = subject.perform(operations, index, expected);
            if (!actual.agrees(expected)) {
                return difference(operations, index, subject, expected, actual);
            }
            if (checking) {
                subject.check();
            }
            if (Oracle.statisticsAfter(operations, index, statisticsEvery)) {
                Statistics statistics = answers.nextStatistics();
                theirs = statistics;
                return compare(operations, index, subject, statistics);
            }
            return null;
        } catch (Error | RuntimeException e) {
            return new Difference(index, operations.text(index), theirs.toString(), e.toString(), walk(subject), e);
        }
    }

    private static Difference compare(Operations operations, int index, Subject subject, Statistics expected) {
        Statistics actual = subject.statistics();
        if (actual.equals(expected)) {
            return null;
        }
        String theirs = expected.info().toString();
        String ours = String.valueOf(actual.info());
        if (expected.info().equals(actual.info())) {
            theirs = "malloc_info\n" + expected.xml().indent(4);
            ours = "malloc_info\n" + actual.xml().indent(4);
        }
        return new Difference(index, operations.text(index), theirs, ours, walk(subject), null);
    }

    private static Difference difference(
            Operations operations, int index, Subject subject, Answer expected, Answer actual) {
        return new Difference(
                index,
                operations.text(index),
                expected.toString(),
                actual.toString(),
                walk(subject, subject.fromStart(expected), subject.fromStart(actual)),
                null);
    }

    private static String walk(Subject subject, long... offsets) {
        try {
            List<io.github.ptmalloc4j.ptmalloc.HeapChunk> chunks = subject.walk();
            return Difference.walkAround(chunks, subject.start(), offsets.length > 0 ? offsets : new long[] {0});
        } catch (Error | RuntimeException e) {
            return "    the heap cannot be walked: " + e;
        }
    }
}
