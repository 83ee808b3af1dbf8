package io.github.ptmalloc4j.benchmarks;

import io.github.ptmalloc4j.Ptmalloc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How long a JVM takes from its start to the first block. */
final class FirstAddress {
    /** Of {@link Ptmalloc}. */
    static final String HEAP = "heap";

    /** Of {@link Arena#ofConfined}. */
    static final String ARENA = "arena";

    /** Behind one of the two: the JVM has a cache, made beforehand, of the classes that it loads. */
    static final String WITH_AOT_CACHE = " with an AOT cache";

    /** The first JDK that makes such a cache in one step. */
    static final int FIRST_WITH_AOT_CACHE = 25;

    private static final Map<String, Path> AOT_CACHES = new HashMap<>();

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
        List<String> command;
        if (column.endsWith(WITH_AOT_CACHE)) {
            String what = column.substring(0, column.length() - WITH_AOT_CACHE.length());
            command = command(what, "-XX:AOTCache=" + aotCache(what));
        } else {
            command = command(column);
        }
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

    private static List<String> command(String what, String... options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                FirstAddress.class.getName(),
                what));
        return command;
    }

    private static Path aotCache(String what) throws IOException, InterruptedException {
        Path cache = AOT_CACHES.get(what);
        if (cache == null) {
            cache = Files.createTempFile("ptmalloc4j", ".aot");
            cache.toFile().deleteOnExit();
            run(command(what, "-XX:AOTCacheOutput=" + cache));
            // What is read for the first time comes from the disk.
            run(command(what, "-XX:AOTCache=" + cache));
            AOT_CACHES.put(what, cache);
        }
        return cache;
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        int exit = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        if (exit != 0) {
            throw new IllegalStateException(String.join(" ", command) + " ended with " + exit);
        }
    }
}
