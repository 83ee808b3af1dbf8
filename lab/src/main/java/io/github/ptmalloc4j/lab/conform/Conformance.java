package io.github.ptmalloc4j.lab.conform;

import io.github.ptmalloc4j.lab.trace.BadTrace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** Compares many sequences with the C library, shrinks and keeps those that differ, and counts. */
public final class Conformance {
    /** After so many differences the rest would only repeat them. */
    private static final int ENOUGH_DIFFERENCES = 10;

    private static final int SHORTEST = 200;
    private static final int LONGEST = 100_000;

    private final Path oracle;
    private final Path kept;
    private final List<BreakKind> breaks;
    private final boolean checking;
    private final Consumer<String> report;
    private final LongConsumer progress;
    private long operations;
    private int differences;

    /**
     * Compares nothing yet.
     *
     * @param oracle the oracle's program
     * @param kept the directory for sequences that differ
     * @param breaks the breaks that the engine uses in turn
     * @param checking whether all invariants are verified after each operation
     * @param report takes the text about each difference
     * @param progress takes the number of operations compared since it was last called
     */
    public Conformance(
            Path oracle,
            Path kept,
            List<BreakKind> breaks,
            boolean checking,
            Consumer<String> report,
            LongConsumer progress) {
        this.oracle = oracle;
        this.kept = kept;
        this.breaks = List.copyOf(breaks);
        this.checking = checking;
        this.report = report;
        this.progress = progress;
    }

    /** Operations compared. */
    public long operations() {
        return operations;
    }

    /** Sequences that differed. */
    public int differences() {
        return differences;
    }

    /** All settings that are compared unless told otherwise, as in GLIBC_TUNABLES. */
    public static List<String> allTunables() {
        return TunablesSet.ALL;
    }

    /** The same for sequences of several threads. */
    public static List<String> threadedTunables() {
        return TunablesSet.THREADED;
    }

    /** Compares random sequences of one thread. */
    public void random(long atLeast, long seed, List<String> settings) {
        random(atLeast, seed, settings, 1);
    }

    /**
     * Compares random sequences of every temperament under every one of the given settings, until at least
     * {@code atLeast} operations are compared.
     *
     * @param seed the same one gives the same sequences
     * @param threads how many take turns in each sequence, the main one included: 1 to 16
     */
    public void random(long atLeast, long seed, List<String> settings, int threads) {
        int combinations = settings.size() * Temperament.values().length;
        int length = Math.clamp(atLeast / combinations + 1, SHORTEST, LONGEST);
        SplittableRandom seeds = new SplittableRandom(seed);
        long before = operations;
        for (int round = 0; operations - before < atLeast; round++) {
            int turn = round;
            for (String tunables : settings) {
                for (Temperament temperament : Temperament.values()) {
                    if (operations - before >= atLeast || differences >= ENOUGH_DIFFERENCES) {
                        return;
                    }
                    long runSeed = seeds.nextLong();
                    BreakKind breakKind = breaks.get(turn++ % breaks.size());
                    if (threads > 1 && !temperament.isForThreads()) {
                        continue;
                    }
                    Operations sequence = Generator.generate(runSeed, temperament, length);
                    compare(
                            threads > 1 ? Turns.distribute(runSeed, sequence, threads) : sequence,
                            tunables,
                            breakKind,
                            "%s, seed %d, length %d, threads %d".formatted(temperament, runSeed, length, threads));
                }
            }
        }
    }

    /**
     * Compares a trace on every break.
     *
     * @param settings under each of which it is compared; if empty, those that the file itself names
     */
    public void trace(Path file, List<String> settings) throws BadTrace, IOException {
        SequenceFile sequence = SequenceFile.read(file);
        for (String tunables : settings.isEmpty() ? List.of(sequence.tunables()) : settings) {
            for (BreakKind breakKind : breaks) {
                compare(
                        sequence.operations(),
                        tunables,
                        breakKind,
                        file.getFileName().toString());
            }
        }
    }

    private void compare(Operations sequence, String tunables, BreakKind breakKind, String what) {
        Comparison comparison =
                Comparison.of(oracle, TunablesSet.complete(tunables), breakKind).withChecking(checking);
        Difference difference = comparison.run(sequence);
        long compared = difference == null ? sequence.size() : difference.index() + 1;
        operations += compared;
        progress.accept(compared);
        if (difference != null) {
            differences++;
            explain(comparison, sequence, difference, what);
        }
    }

    private void explain(Comparison comparison, Operations sequence, Difference difference, String what) {
        String settings = "%s, %s break, tunables %s"
                .formatted(
                        what, comparison.breakKind(), comparison.theirs().isEmpty() ? "glibc's" : comparison.theirs());
        report.accept("difference %d: %s\n%s".formatted(differences, settings, difference.report()));
        Shrinker.Result shrunk = Shrinker.shrink(comparison, sequence, difference);
        Path file = keep(comparison, shrunk, settings);
        report.accept("shrunk to %d operations, kept as %s\n%s"
                .formatted(shrunk.operations().size(), file, shrunk.difference().report()));
    }

    private Path keep(Comparison comparison, Shrinker.Result shrunk, String settings) {
        List<String> comments = new ArrayList<>(List.of("found as: " + settings));
        shrunk.difference().report().lines().forEach(comments::add);
        try {
            Files.createDirectories(kept);
            int number = differences;
            Path file;
            do {
                file = kept.resolve("difference-%d.rep".formatted(number++));
            } while (Files.exists(file));
            SequenceFile.write(file, shrunk.operations(), comparison.theirs(), comments);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException("the sequence cannot be kept in " + kept, e);
        }
    }
}
