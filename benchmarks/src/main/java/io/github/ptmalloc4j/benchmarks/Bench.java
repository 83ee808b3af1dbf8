package io.github.ptmalloc4j.benchmarks;

import io.github.ptmalloc4j.benchmarks.allocators.Allocators;
import io.github.ptmalloc4j.benchmarks.prof.MemoryProfiler;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.Defaults;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * {@code ptmalloc4j bench}: JMH with its own arguments, on the allocators that this machine has. One that is missing is named with
 * what to install instead of failing row by row; {@code -p allocator=…} asks each benchmark only for those that it knows.
 */
final class Bench {
    private static final String PARAMETER = "allocator";

    private Bench() {}

    /**
     * Runs benchmarks.
     *
     * @return the exit status: 0, 1 if a run failed, 2 if the arguments are wrong
     */
    static int run(String[] args) throws IOException {
        String[] arguments = Arrays.stream(args)
                .map(argument -> argument.equals("memory") ? MemoryProfiler.class.getName() : argument)
                .toArray(String[]::new);
        try {
            CommandLineOptions options = new CommandLineOptions(arguments);
            if (asksOnly(options)) {
                org.openjdk.jmh.Main.main(arguments);
                return 0;
            }
            return run(options);
        } catch (CommandLineOptionException e) {
            System.err.println("ptmalloc4j bench: " + e.getMessage() + "; try ptmalloc4j bench -h");
            return 2;
        } catch (IllegalArgumentException e) {
            System.err.println("ptmalloc4j bench: " + e.getMessage());
            return 2;
        } catch (RunnerException e) {
            System.err.println("ptmalloc4j bench: " + e.getMessage());
            return 1;
        }
    }

    private static boolean asksOnly(CommandLineOptions options) {
        return options.shouldHelp()
                || options.shouldList()
                || options.shouldListWithParams()
                || options.shouldListProfilers()
                || options.shouldListResultFormats();
    }

    private static int run(CommandLineOptions options) throws RunnerException, IOException {
        SortedSet<BenchmarkListEntry> entries = select(options);
        if (entries.isEmpty()) {
            System.err.println("ptmalloc4j bench: no benchmark matches; ptmalloc4j bench -l lists them");
            return 2;
        }
        Set<String> asked = new LinkedHashSet<>(options.getParameter(PARAMETER).orElse(List.of()));
        Map<String, String> missing = new TreeMap<>();
        Map<List<String>, List<String>> groups = group(entries, asked, missing);
        missing.forEach((name, why) -> System.err.println(name + ": left out, " + why));
        if (groups.isEmpty()) {
            System.err.println("ptmalloc4j bench: none of these benchmarks runs on " + String.join(", ", asked));
            return 2;
        }
        Collection<RunResult> results = new ArrayList<>();
        for (Map.Entry<List<String>, List<String>> group : groups.entrySet()) {
            results.addAll(run(options, entries, group.getKey(), group.getValue()));
        }
        if (groups.size() > 1) {
            writeAll(options, results);
        }
        missing.forEach((name, why) -> System.out.println(name + ": left out, " + why));
        List<String> failed = withoutResult(options, entries, groups, results);
        failed.forEach(
                run -> System.err.println("ptmalloc4j bench: no result of " + run + "; the lines above say why"));
        return failed.isEmpty() ? 0 : 1;
    }

    /** JMH goes on after a benchmark that failed, and leaves it out. */
    private static List<String> withoutResult(
            CommandLineOptions options,
            SortedSet<BenchmarkListEntry> entries,
            Map<List<String>, List<String>> groups,
            Collection<RunResult> results) {
        Set<String> runs = new LinkedHashSet<>();
        groups.forEach((allocators, names) -> entries.stream()
                .filter(entry -> names.contains(entry.getUsername()))
                .forEach(entry -> runs.addAll(runs(options, entry, allocators))));
        for (RunResult result : results) {
            SortedMap<String, String> parameters = new TreeMap<>();
            for (String key : result.getParams().getParamsKeys()) {
                parameters.put(key, result.getParams().getParam(key));
            }
            runs.remove(result.getParams().getBenchmark() + " " + parameters);
        }
        return List.copyOf(runs);
    }

    /** A benchmark with every combination of its parameters. */
    private static List<String> runs(CommandLineOptions options, BenchmarkListEntry entry, List<String> allocators) {
        List<SortedMap<String, String>> combinations = List.of(new TreeMap<>());
        for (Map.Entry<String, String[]> declared :
                entry.getParams().orElse(Map.of()).entrySet()) {
            String key = declared.getKey();
            Collection<String> values = key.equals(PARAMETER)
                    ? allocators
                    : options.getParameter(key).orElse(List.of(declared.getValue()));
            combinations = combinations.stream()
                    .flatMap(combination -> values.stream().map(value -> {
                        SortedMap<String, String> longer = new TreeMap<>(combination);
                        longer.put(key, value);
                        return longer;
                    }))
                    .toList();
        }
        return combinations.stream()
                .map(combination -> entry.getUsername() + " " + combination)
                .toList();
    }

    private static SortedSet<BenchmarkListEntry> select(CommandLineOptions options) {
        OutputFormat quiet = OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT);
        List<String> includes =
                options.getIncludes().isEmpty() ? List.of(Defaults.INCLUDE_BENCHMARKS) : options.getIncludes();
        return new TreeSet<>(BenchmarkList.defaultList().find(quiet, includes, options.getExcludes()));
    }

    /** The benchmarks by the allocators that each is to run on; none for those that have no such parameter. */
    private static Map<List<String>, List<String>> group(
            SortedSet<BenchmarkListEntry> entries, Set<String> asked, Map<String, String> missing) {
        Map<List<String>, List<String>> groups = new LinkedHashMap<>();
        for (BenchmarkListEntry entry : entries) {
            String[] declared = entry.getParams().orElse(Map.of()).getOrDefault(PARAMETER, new String[0]);
            List<String> usable = new ArrayList<>();
            for (String name : asked.isEmpty() ? List.of(declared) : asked) {
                boolean known = Arrays.asList(declared).contains(name) || isVariant(name, declared);
                if (known) {
                    Allocators.missing(name).ifPresentOrElse(why -> missing.put(name, why), () -> usable.add(name));
                }
            }
            if (declared.length == 0 || !usable.isEmpty()) {
                groups.computeIfAbsent(usable, key -> new ArrayList<>()).add(entry.getUsername());
            }
        }
        return groups;
    }

    /** Our heap with other settings, and native ones by critical downcalls, run where the plain ones do. */
    private static boolean isVariant(String name, String[] declared) {
        return declared.length > 0 && Allocators.isVariant(name);
    }

    /** Runs those of the entries that have these names. */
    private static Collection<RunResult> run(
            CommandLineOptions options,
            SortedSet<BenchmarkListEntry> entries,
            List<String> allocators,
            List<String> names)
            throws RunnerException {
        OptionsBuilder builder = new OptionsBuilder();
        builder.parent(options);
        // The options still ask for all entries: what a builder includes is added to that.
        entries.stream()
                .map(BenchmarkListEntry::getUsername)
                .filter(name -> !names.contains(name))
                .forEach(name -> builder.exclude("^" + Pattern.quote(name) + "$"));
        if (!allocators.isEmpty()) {
            builder.param(PARAMETER, allocators.toArray(String[]::new));
        }
        return new Runner(builder.build()).run();
    }

    /** JMH writes the results of each run when it ends, over those of the run before. */
    private static void writeAll(CommandLineOptions options, Collection<RunResult> results) {
        System.out.println();
        ResultFormatFactory.getInstance(ResultFormatType.TEXT, System.out).writeOut(results);
        if (options.getResult().hasValue() || options.getResultFormat().hasValue()) {
            ResultFormatType type = options.getResultFormat().orElse(Defaults.RESULT_FORMAT);
            String file = options.getResult()
                    .orElse(Defaults.RESULT_FILE_PREFIX + "." + type.toString().toLowerCase(Locale.ROOT));
            ResultFormatFactory.getInstance(type, file).writeOut(results);
        }
    }
}
