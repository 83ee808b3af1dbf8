package io.github.ptmalloc4j.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.benchmarks.SideBySide.Row;
import io.github.ptmalloc4j.benchmarks.Target.Aim;
import io.github.ptmalloc4j.benchmarks.Target.Aim.Side;
import io.github.ptmalloc4j.benchmarks.Target.Cell;
import io.github.ptmalloc4j.benchmarks.Target.Figure;
import io.github.ptmalloc4j.benchmarks.Target.Form;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The arithmetic of the rows. */
class TargetTest {
    private static final Row ROW = new Row("pair 64", 1);

    @Test
    void aFigureIsTheMedianOfWhatEachRepetitionGives() {
        // 20/10, 30/10, 10/20: the machine was slow once on the left and once on the right.
        List<Sample> samples = samples(new long[] {20, 30, 10}, new long[] {10, 10, 20});
        assertEquals(Optional.of(new Figure(2.0, 0.5, 3.0, 3)), ratio(most(2)).figure(samples));
    }

    @Test
    void ofAnEvenNumberOfRepetitionsItIsTheMeanOfTheTwoInTheMiddle() {
        List<Sample> samples = samples(new long[] {10, 40, 20, 30}, new long[] {10, 10, 10, 10});
        assertEquals(Optional.of(new Figure(2.5, 1, 4, 4)), ratio(most(2)).figure(samples));
    }

    @Test
    void aBoundIsMetWhereItIsReached() {
        assertTrue(most(1.2).met(1.2));
        assertFalse(most(1.2).met(1.2001));
        assertTrue(new Aim(Side.AT_LEAST, 1.8, "×").met(1.8));
        assertFalse(new Aim(Side.AT_LEAST, 1.8, "×").met(1.7999));
        assertTrue(new Aim(Side.EXACTLY, 0, " B").met(0));
        assertFalse(new Aim(Side.EXACTLY, 0, " B").met(-4096));
        assertEquals("= 0 B", new Aim(Side.EXACTLY, 0, " B").toString());
    }

    @Test
    void aRowSaysFigureSpreadAimAndVerdict() {
        List<Sample> samples = samples(new long[] {20, 30, 10}, new long[] {10, 10, 20});
        assertEquals("| x | 2× | 0.5–3, 3 runs | ≤ 2× | met |\n", ratio(most(2)).line(samples));
        assertEquals(
                "| x | 2× | 0.5–3, 3 runs | ≤ 1.9× | **not met** |\n",
                ratio(most(1.9)).line(samples));
        assertEquals("| x | 2× | 0.5–3, 3 runs |  | shown |\n", ratio(null).line(samples));
    }

    @Test
    void aRowThatCannotBeMeasuredSaysWhy() {
        Target target = ratio(most(2)).unable("there is no moon");
        assertEquals(
                "| x |  |  | ≤ 2× | not measured: there is no moon |\n",
                target.line(samples(new long[] {1}, new long[] {1})));
        assertEquals(List.of(), target.cells());
        assertEquals(
                "| x |  |  | ≤ 2× | not measured: a run failed |\n",
                ratio(most(2)).line(List.of()));
    }

    @Test
    void aFailedRunTakesTheFigureAwayAndNotTheOthers() {
        List<Sample> samples = samples(new long[] {20, 30}, new long[] {10});
        assertEquals(Optional.of(new Figure(2, 2, 2, 1)), ratio(most(2)).figure(samples));
    }

    @Test
    void differencesAndValues() {
        List<Sample> samples = samples(new long[] {50, 60, 70}, new long[] {10, 30, 20});
        Cell left = new Cell(ROW, "left");
        Target difference =
                new Target("x", left, new Cell(ROW, "right"), Sample::wallPerOperation, Form.DIFFERENCE, most(2), null);
        assertEquals(Optional.of(new Figure(40, 30, 50, 3)), difference.figure(samples));
        Target value = new Target("x", left, null, Sample::wallPerOperation, Form.VALUE, most(2), null);
        assertEquals(Optional.of(new Figure(60, 50, 70, 3)), value.figure(samples));
        assertEquals(List.of(left), value.cells());
    }

    @Test
    void theTableCounts() {
        List<Sample> samples = samples(new long[] {20}, new long[] {10});
        String table = TargetsCommand.table(
                List.of(
                        ratio(most(2)),
                        ratio(most(1)),
                        ratio(null),
                        ratio(most(2)).unable("no")),
                samples);
        assertTrue(table.endsWith("\n1 met, 1 not met, 1 not measured\n"), table);
    }

    @Test
    void aWorkloadHasTheSameOperationsInEveryRow() {
        Map<String, Long> operations = new HashMap<>();
        Set<String> named = new HashSet<>();
        List<Target> all = TargetList.all(List.of(
                new RecordedProgram(Path.of("one.rep.gz"), 1), new RecordedProgram(Path.of("two.heaptrack.zst"), 2)));
        for (Target target : all) {
            named.add(target.what());
            for (Cell cell : target.cells()) {
                Row row = cell.row();
                assertEquals(
                        row.operations(), operations.computeIfAbsent(row.name(), n -> row.operations()), row.name());
            }
        }
        assertEquals(all.size(), named.size(), "two rows of the same text");
    }

    private static Target ratio(Aim aim) {
        return new Target(
                "x", new Cell(ROW, "left"), new Cell(ROW, "right"), Sample::wallPerOperation, Form.RATIO, aim, null);
    }

    private static Aim most(double bound) {
        return new Aim(Side.AT_MOST, bound, "×");
    }

    private static List<Sample> samples(long[] left, long[] right) {
        List<Sample> samples = new ArrayList<>();
        for (long nanos : left) {
            samples.add(new Sample(ROW.name(), "left", 1, nanos, 0, 0, 0, 0, 0, 0, 0, 0));
        }
        for (long nanos : right) {
            samples.add(new Sample(ROW.name(), "right", 1, nanos, 0, 0, 0, 0, 0, 0, 0, 0));
        }
        return samples;
    }
}
