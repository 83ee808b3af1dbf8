package io.github.ptmalloc4j.lab.conform;

import java.io.Console;
import java.io.PrintWriter;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;

/** How far a comparison is: a bar on a terminal, elsewhere a line for each tenth. */
final class ConformProgress implements AutoCloseable {
    /** Columns; fits any terminal. */
    private static final int WIDTH = 79;

    private static final int REFRESH_MILLIS = 200;
    private static final int TENTHS = 10;

    private final PrintWriter out;
    private final ProgressBar bar;
    private final long expected;
    private long operations;

    private ConformProgress(PrintWriter out, ProgressBar bar, long expected) {
        this.out = out;
        this.bar = bar;
        this.expected = expected;
    }

    /** Progress towards a number of operations; 0 where it is not known. */
    static ConformProgress of(long expected, PrintWriter out) {
        Console console = System.console();
        boolean terminal = console != null && console.isTerminal();
        return new ConformProgress(out, terminal && expected > 0 ? bar(expected) : null, expected);
    }

    private static ProgressBar bar(long expected) {
        return new ProgressBarBuilder()
                .setTaskName("conform")
                .setInitialMax(expected)
                .setUpdateIntervalMillis(REFRESH_MILLIS)
                .clearDisplayOnFinish()
                .setConsumer(new ConsoleProgressBarConsumer(System.err, WIDTH))
                .build();
    }

    void done(long more) {
        long before = operations;
        operations += more;
        if (bar != null) {
            bar.stepTo(Math.min(operations, expected));
        } else if (expected > 0 && operations * TENTHS / expected > before * TENTHS / expected) {
            say("%d operations".formatted(operations));
        }
    }

    void say(String text) {
        out.println(text);
        out.flush();
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
