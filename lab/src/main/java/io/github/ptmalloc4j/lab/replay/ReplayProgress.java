package io.github.ptmalloc4j.lab.replay;

import io.github.ptmalloc4j.lab.compare.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;

/** A progress bar on the error stream while a trace is replayed on a terminal; nothing otherwise. */
final class ReplayProgress implements Progress {
    private static final int PERCENT = 100;
    /** Columns; fits any terminal. */
    private static final int WIDTH = 79;

    private static final int REFRESH_MILLIS = 200;

    private final ProgressBar bar;

    private ReplayProgress(ProgressBar bar) {
        this.bar = bar;
    }

    /** The progress of one trace, by its name. */
    static ReplayProgress of(String trace) {
        return new ReplayProgress(onTerminal() ? bar(trace) : null);
    }

    /** Which part of the work is done: 0 to 1. */
    void done(double part) {
        if (bar != null) {
            bar.stepTo((long) (part * PERCENT));
        }
    }

    @Override
    public void at(String what, double part) {
        if (bar != null) {
            bar.setExtraMessage(" " + what);
        }
        done(part);
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }

    private static ProgressBar bar(String name) {
        return new ProgressBarBuilder()
                .setTaskName(name)
                .setInitialMax(PERCENT)
                .setUpdateIntervalMillis(REFRESH_MILLIS)
                .clearDisplayOnFinish()
                .setConsumer(new ConsoleProgressBarConsumer(System.err, WIDTH))
                .build();
    }

    /** Whether both outputs are read by a person: a bar between rows that go elsewhere would help nobody. */
    private static boolean onTerminal() {
        return isTerminal(1) && isTerminal(2);
    }

    private static boolean isTerminal(int descriptor) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }
}
