package io.github.ptmalloc4j.benchmarks.prof;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * Adds to any benchmark what it asks of the kernel: {@code -prof io.github.ptmalloc4j.benchmarks.prof.MemoryProfiler}.
 *
 * <ul>
 *   <li>{@code minor-faults}: page faults served without a disk, an operation; of the whole process
 *   <li>{@code resident}: by how many bytes the process is more resident after the iteration than before, an operation
 *   <li>{@code syscalls}: system calls of all threads that live or are started after the benchmark's JVM began to run it, an
 *       operation. The JIT's and the garbage collector's threads, which were there before, are not among them. Needs the
 *       kernel's tracepoint raw_syscalls:sys_enter, which mostly root alone may read; where it cannot be read the
 *       {@link HeapCalls heaps'} own counts stand instead as {@code syscalls.heaps}, and where there are none nothing is printed
 *       but one line that says so.
 * </ul>
 *
 * <p>What the JVM itself does meanwhile is in all of them: compare with a benchmark that does nothing.
 */
public final class MemoryProfiler implements InternalProfiler {
    private final SystemCallCounter systemCalls = SystemCallCounter.open();

    private long faultsBefore;
    private long residentBefore;
    private long systemCallsBefore;
    private long heapCallsBefore;
    private boolean told;

    @Override
    public String getDescription() {
        return "Minor page faults, growth of resident memory and system calls, an operation";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        faultsBefore = ProcessNumbers.minorFaults();
        residentBefore = ProcessNumbers.resident();
        heapCallsBefore = HeapCalls.count();
        systemCallsBefore = systemCalls.count();
    }

    @Override
    public Collection<? extends Result<?>> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        long calls = systemCalls.count() - systemCallsBefore;
        long heapCalls = HeapCalls.count() - heapCallsBefore;
        long resident = ProcessNumbers.resident() - residentBefore;
        long faults = ProcessNumbers.minorFaults() - faultsBefore;
        double operations = result.getMetadata().getAllOps();
        List<Result<?>> results = new ArrayList<>();
        results.add(row("minor-faults", faults / operations, "faults/op"));
        results.add(row("resident", resident / operations, "B/op"));
        if (systemCalls.works()) {
            results.add(row("syscalls", calls / operations, "calls/op"));
        } else if (HeapCalls.any()) {
            results.add(row("syscalls.heaps", heapCalls / operations, "calls/op"));
        } else if (!told) {
            System.out.println("System calls are not counted: " + systemCalls.why());
            told = true;
        }
        return results;
    }

    private static Result<?> row(String name, double value, String unit) {
        return new ScalarResult("memory." + name, value, unit, AggregationPolicy.AVG);
    }
}
