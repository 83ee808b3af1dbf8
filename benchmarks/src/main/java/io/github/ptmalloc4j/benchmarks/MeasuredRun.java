package io.github.ptmalloc4j.benchmarks;

import io.github.ptmalloc4j.Ptmalloc;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One run in a JVM of its own: warm-up on heaps that are thrown away, then a fresh heap. The counterpart of the C program,
 * with the same line of numbers.
 */
final class MeasuredRun {
    private static final Pattern ARENAS_MAX = Pattern.compile("<system type=\"max\" size=\"(\\d+)\"/>");

    private MeasuredRun() {}

    /**
     * Prints one line as {@code workloads.c} does.
     *
     * @param args operations, milliseconds to idle at the end, milliseconds to warm up, tunables, and the workload's name
     */
    public static void main(String[] args) throws Exception {
        long operations = Long.parseLong(args[0]);
        Tunables tunables = tunables(args[3]);
        Workload workload = Workload.named(args[4]);
        long warmUntil = System.nanoTime() + Long.parseLong(args[2]) * 1_000_000;
        do {
            try (Ptmalloc heap = Ptmalloc.create(tunables)) {
                workload.run(heap, Math.max(1, operations / 4));
            }
        } while (System.nanoTime() < warmUntil);
        System.gc();
        Files.writeString(Path.of("/proc/self/clear_refs"), "5");
        long base = status("VmRSS");
        try (Ptmalloc heap = Ptmalloc.create(tunables)) {
            Workload.Outcome outcome = workload.run(heap, operations);
            long peak = Math.max(status("VmHWM"), status("VmRSS")) - base;
            long arenas = arenasMax(heap);
            Thread.sleep(Long.parseLong(args[1]));
            long after = status("VmRSS") - base;
            System.out.printf(
                    "%d %d %d %d %d %d %d%n",
                    outcome.operations(),
                    outcome.wallNanos(),
                    outcome.cpuNanos(),
                    peak,
                    arenas,
                    outcome.peakLive(),
                    after);
        }
    }

    /** {@code glibc}, {@code service}, or what {@link Tunables#parse} takes. */
    private static Tunables tunables(String text) {
        return switch (text) {
            case "glibc" -> Tunables.GLIBC;
            case "service" -> Tunables.service();
            default -> Tunables.parse(text);
        };
    }

    private static long status(String field) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith(field + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }

    /** Bytes that all arenas together ever had at most; the last such element of malloc_info is the sum. */
    private static long arenasMax(Ptmalloc heap) {
        Matcher matcher = ARENAS_MAX.matcher(heap.mallocInfo());
        long bytes = 0;
        while (matcher.find()) {
            bytes = Long.parseLong(matcher.group(1));
        }
        return bytes;
    }
}
