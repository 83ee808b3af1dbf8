package io.github.ptmalloc4j.benchmarks;

import io.github.ptmalloc4j.benchmarks.allocators.Allocator;
import io.github.ptmalloc4j.benchmarks.allocators.Allocators;
import io.github.ptmalloc4j.benchmarks.prof.ProcessNumbers;
import io.github.ptmalloc4j.benchmarks.workloads.Workload;
import io.github.ptmalloc4j.benchmarks.workloads.Workload.Outcome;
import io.github.ptmalloc4j.lab.compare.WarmUp;
import io.github.ptmalloc4j.verify.Status;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * One run in a JVM of its own: warm-up on allocators that are thrown away, then a fresh one. The counterpart of the C program,
 * with the same line of numbers.
 */
final class MeasuredRun {
    /** How many times as long as was asked a warm-up may take. */
    private static final int LONGEST_WARM_UP = 3;
    /** Milliseconds of compilation in a quarter of the warm-up that are no reason to go on. */
    private static final int REST = 10;

    private MeasuredRun() {}

    private static void rounds(String name, Workload workload, long operations, long nanos) throws Exception {
        long until = System.nanoTime() + nanos;
        do {
            try (Allocator allocator = Allocators.open(name)) {
                workload.run(allocator, operations);
            }
        } while (System.nanoTime() < until);
    }

    /**
     * Prints one line as {@code workloads.c} does.
     *
     * @param args operations, milliseconds to idle at the end, milliseconds to warm up, the allocator, and the workload
     */
    public static void main(String[] args) throws Exception {
        long operations = Long.parseLong(args[0]);
        String name = args[3];
        Workload workload = Workload.named(args[4]);
        long warmUp = Long.parseLong(args[2]) * 1_000_000;
        WarmUp.run(warmUp, LONGEST_WARM_UP, REST, nanos -> rounds(name, workload, Math.max(1, operations / 4), nanos));
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
