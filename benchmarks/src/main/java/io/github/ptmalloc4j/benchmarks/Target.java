package io.github.ptmalloc4j.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A figure that is aimed at.
 *
 * @param what is measured, for the reader
 * @param mine the samples on the left
 * @param against the samples on the right, for figures that compare; null for those that stand alone
 * @param metric what of a sample counts
 * @param form how the two make a figure
 * @param aim what the figure should be; null if it is only shown
 * @param unable why it cannot be measured; null if it can
 */
record Target(String what, Cell mine, Cell against, Metric metric, Form form, Aim aim, String unable) {
    /** A workload on a column. */
    record Cell(SideBySide.Row row, String column) {
        private List<Sample> of(List<Sample> samples) {
            return samples.stream()
                    .filter(s -> s.row().equals(row.name()) && s.column().equals(column))
                    .toList();
        }
    }

    /** What of a sample counts. */
    @FunctionalInterface
    interface Metric {
        double of(Sample sample);
    }

    /** How two numbers make a figure. */
    enum Form {
        /** The first divided by the second. */
        RATIO,
        /** The first less the second. */
        DIFFERENCE,
        /** The first. */
        VALUE
    }

    /**
     * A bound.
     *
     * @param side on which side of it the figure should be
     * @param unit behind the figure
     */
    record Aim(Side side, double bound, String unit) {
        /** Where a figure should be. */
        enum Side {
            AT_MOST("≤ "),
            AT_LEAST("≥ "),
            EXACTLY("= ");

            private final String sign;

            Side(String sign) {
                this.sign = sign;
            }
        }

        boolean met(double figure) {
            return switch (side) {
                case AT_MOST -> figure <= bound;
                case AT_LEAST -> figure >= bound;
                case EXACTLY -> figure == bound;
            };
        }

        @Override
        public String toString() {
            return side.sign + number(bound) + unit;
        }
    }

    /**
     * What came out: the median of one figure for each repetition, its two runs side by side in time, and the spread.
     *
     * @param runs repetitions
     */
    record Figure(double median, double min, double max, int runs) {
        private static Figure of(double[] figures) {
            double[] sorted = figures.clone();
            Arrays.sort(sorted);
            int half = sorted.length / 2;
            double median = sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
            return new Figure(median, sorted[0], sorted[sorted.length - 1], sorted.length);
        }
    }

    /** What is to be run for it. */
    List<Cell> cells() {
        return unable != null
                ? List.of()
                : Stream.of(mine, against).filter(cell -> cell != null).toList();
    }

    /** The same, which cannot be measured. */
    Target unable(String why) {
        return new Target(what, mine, against, metric, form, aim, why);
    }

    /** The figure; empty if there are no samples of one side. */
    Optional<Figure> figure(List<Sample> samples) {
        if (unable != null) {
            return Optional.empty();
        }
        List<Sample> left = mine.of(samples);
        List<Sample> right = against == null ? left : against.of(samples);
        double[] figures = new double[Math.min(left.size(), right.size())];
        for (int i = 0; i < figures.length; i++) {
            figures[i] = figure(metric.of(left.get(i)), metric.of(right.get(i)));
        }
        return figures.length == 0 ? Optional.empty() : Optional.of(Figure.of(figures));
    }

    private double figure(double left, double right) {
        return switch (form) {
            case RATIO -> left / right;
            case DIFFERENCE -> left - right;
            case VALUE -> left;
        };
    }

    /** One line of a Markdown table: what, against, figure, spread, aim, and whether it is met. */
    String line(List<Sample> samples) {
        Optional<Figure> figure = figure(samples);
        String unit = aim == null ? form == Form.RATIO ? "×" : "" : aim.unit();
        return "| %s | %s | %s | %s | %s |%n"
                .formatted(
                        what,
                        figure.map(f -> number(f.median()) + unit).orElse(""),
                        figure.map(f -> number(f.min()) + "–" + number(f.max()) + ", " + f.runs()
                                        + (f.runs() == 1 ? " run" : " runs"))
                                .orElse(""),
                        aim == null ? "" : aim,
                        verdict(figure));
    }

    private String verdict(Optional<Figure> figure) {
        if (unable != null) {
            return "not measured: " + unable;
        }
        if (figure.isEmpty()) {
            return "not measured: a run failed";
        }
        return aim == null ? "shown" : aim.met(figure.get().median()) ? "met" : "**not met**";
    }

    /** Three digits or so. */
    private static String number(double value) {
        double size = Math.abs(value);
        String format = size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : size < 1 ? "%.3f" : "%.2f";
        return String.format(Locale.ROOT, format, value)
                .replaceFirst("(\\.\\d*?)0+$", "$1")
                .replaceFirst("\\.$", "");
    }
}
