package io.github.ptmalloc4j.benchmarks;

import io.github.ptmalloc4j.benchmarks.allocators.Allocator;
import io.github.ptmalloc4j.benchmarks.allocators.Allocators;
import io.github.ptmalloc4j.benchmarks.prof.ProcessNumbers;
import io.github.ptmalloc4j.benchmarks.workloads.Workload;
import io.github.ptmalloc4j.benchmarks.workloads.Workload.Outcome;
import io.github.ptmalloc4j.verify.Status;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * One run in a JVM of its own: warm-up on allocators that are thrown away, then a fresh one. The counterpart of the C program,
 * with the same line of numbers.
 */
final class MeasuredRun {
    private MeasuredRun() {}

    /**
     * Prints one line as {@code workloads.c} does.
     *
     * @param args operations, milliseconds to idle at the end, milliseconds to warm up, the allocator, and the workload
     */
    public static void main(String[] args) throws Exception {
        long operations = Long.parseLong(args[0]);
        String name = args[3];
        Workload workload = Workload.named(args[4]);
        long warmUntil = System.nanoTime() + Long.parseLong(args[2]) * 1_000_000;
        do {
            try (Allocator allocator = Allocators.open(name)) {
                workload.run(allocator, Math.max(1, operations / 4));
            }
        } while (System.nanoTime() < warmUntil);
        System.gc();
        Files.writeString(Path.of("/proc/self/clear_refs"), "5");
        long base = Status.bytes("VmRSS");
        try (Allocator allocator = Allocators.open(name)) {
            long faults = ProcessNumbers.minorFaults();
            Outcome outcome = workload.run(allocator, operations);
            faults = ProcessNumbers.minorFaults() - faults;
            long peak = Math.max(Status.bytes("VmHWM"), Status.bytes("VmRSS")) - base;
            long arenas = allocator.arenaBytesMax();
            Thread.sleep(Long.parseLong(args[1]));
            long after = Status.bytes("VmRSS") - base;
            System.out.printf(
                    "%d %d %d %d %d %d %d %d %d %d%n",
                    outcome.operations(),
                    outcome.wallNanos(),
                    outcome.cpuNanos(),
                    peak,
                    arenas,
                    outcome.peakLive(),
                    after,
                    faults,
                    outcome.javaBytes(),
                    outcome.extra());
        }
    }
}
