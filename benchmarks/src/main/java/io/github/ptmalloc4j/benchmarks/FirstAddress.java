package io.github.ptmalloc4j.benchmarks;

import io.github.ptmalloc4j.Ptmalloc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;

/** How long a JVM takes from its start to the first block. */
final class FirstAddress {
    /** Of {@link Ptmalloc}. */
    static final String HEAP = "heap";

    /** Of {@link Arena#ofConfined}. */
    static final String ARENA = "arena";

    private FirstAddress() {}

    /** The JVM that is timed: a byte of output stands for the block. */
    public static void main(String[] args) {
        if (args[0].equals(HEAP)) {
            try (Ptmalloc heap = Ptmalloc.create()) {
                System.out.write((int) heap.malloc(64) | 1);
                System.out.flush();
            }
        } else {
            try (Arena arena = Arena.ofConfined()) {
                System.out.write((int) arena.allocate(64).address() | 1);
                System.out.flush();
            }
        }
    }

    /** Starts a JVM and waits for its block; one operation of as many nanoseconds. */
    static Sample sample(String row, String column) throws IOException, InterruptedException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                FirstAddress.class.getName(),
                column);
        long started = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        boolean came = process.getInputStream().read() >= 0;
        long nanos = System.nanoTime() - started;
        if (process.waitFor() != 0 || !came) {
            throw new IllegalStateException(String.join(" ", command) + " ended with " + process.exitValue());
        }
        return new Sample(row, column, 1, nanos, nanos, 0, 0, 0, 0, 0, 0, 0);
    }
}
