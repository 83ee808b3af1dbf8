package io.github.ptmalloc4j.benchmarks.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.benchmarks.allocators.Allocators;
import io.github.ptmalloc4j.benchmarks.prof.MemoryProfiler;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Every benchmark runs on every allocator that it declares, once and shortly, in this JVM. */
class BenchmarksTest {
    private static final String ALLOCATOR = "allocator";
    /** Parameters with many values, of which the first is enough here. */
    private static final Set<String> ALL_VALUES = Set.of(ALLOCATOR, "lifetime", "order");

    @BeforeAll
    static void shorten() {
        System.setProperty(AllocatorBenchmark.SHORTEN, "1000");
    }

    @AfterAll
    static void doNot() {
        System.clearProperty(AllocatorBenchmark.SHORTEN);
    }

    @Test
    void eachRunsOnEachAllocator() throws RunnerException {
        SortedSet<BenchmarkListEntry> entries = entries();
        assertEquals(18, entries.size(), entries::toString);
        for (BenchmarkListEntry entry : entries) {
            Map<String, String[]> parameters = parameters(entry);
            int expected = parameters.values().stream()
                    .mapToInt(values -> values.length)
                    .reduce(1, (a, b) -> a * b);
            Collection<RunResult> results = run(entry.getUsername(), parameters, false);
            assertEquals(expected, results.size(), entry.getUsername());
            for (RunResult result : results) {
                assertTrue(result.getPrimaryResult().getScore() > 0, result.getParams()::toString);
            }
        }
    }

    @Test
    void theProfilerAddsItsRows() throws RunnerException {
        Map<String, String[]> parameters =
                Map.of(ALLOCATOR, new String[] {Allocators.PTMALLOC4J_GLIBC}, "bytes", new String[] {"64"});
        for (RunResult result : run(Pair.class.getName(), parameters, true)) {
            assertTrue(
                    result.getSecondaryResults().containsKey("memory.minor-faults"),
                    result.getSecondaryResults()::toString);
            assertTrue(result.getSecondaryResults().containsKey("memory.resident"));
        }
    }

    private static SortedSet<BenchmarkListEntry> entries() {
        return new TreeSet<>(BenchmarkList.defaultList()
                .find(
                        OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT),
                        List.of("\\.jmh\\."),
                        List.of()));
    }

    private static Map<String, String[]> parameters(BenchmarkListEntry entry) {
        Map<String, String[]> parameters = new HashMap<>();
        entry.getParams().orElse(Map.of()).forEach((name, values) -> {
            String[] used = ALL_VALUES.contains(name)
                    ? Arrays.stream(values)
                            .filter(value -> Allocators.missing(value).isEmpty())
                            .toArray(String[]::new)
                    : new String[] {values[0]};
            parameters.put(name, used);
        });
        assertFalse(parameters.isEmpty(), entry::getUsername);
        return parameters;
    }

    private static Collection<RunResult> run(String name, Map<String, String[]> parameters, boolean profiled)
            throws RunnerException {
        OptionsBuilder options = new OptionsBuilder();
        options.include("^" + name.replace(".", "\\.") + (name.endsWith(".run") ? "$" : "\\.run$"))
                .forks(0)
                .warmupIterations(0)
                .measurementIterations(1)
                .measurementTime(TimeValue.milliseconds(1))
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
        parameters.forEach(options::param);
        if (profiled) {
            options.addProfiler(MemoryProfiler.class);
        }
        return new Runner(options.build()).run();
    }
}
