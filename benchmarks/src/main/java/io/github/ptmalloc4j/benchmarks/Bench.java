package io.github.ptmalloc4j.benchmarks;

import io.github.ptmalloc4j.benchmarks.allocators.Allocators;
import io.github.ptmalloc4j.benchmarks.prof.MemoryProfiler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
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
            results.addAll(run(options, group.getKey(), group.getValue()));
        }
        write(options, results, groups.size() > 1);
        missing.forEach((name, why) -> System.out.println(name + ": left out, " + why));
        return 0;
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
        return declared.length > 0 && (name.startsWith("ptmalloc4j:") || name.endsWith("-critical"));
    }

    private static Collection<RunResult> run(CommandLineOptions options, List<String> allocators, List<String> names)
            throws RunnerException, IOException {
        OptionsBuilder builder = new OptionsBuilder();
        builder.parent(options);
        names.forEach(name -> builder.include("^" + Pattern.quote(name) + "$"));
        if (!allocators.isEmpty()) {
            builder.param(PARAMETER, allocators.toArray(String[]::new));
        }
        // JMH writes the results of a run when it ends; the last of several would be all that is left.
        Path unused = Files.createTempFile("ptmalloc4j-bench", null);
        try {
            return new Runner(builder.result(unused.toString()).build()).run();
        } finally {
            Files.delete(unused);
        }
    }

    private static void write(CommandLineOptions options, Collection<RunResult> results, boolean several) {
        if (several) {
            System.out.println();
            ResultFormatFactory.getInstance(ResultFormatType.TEXT, System.out).writeOut(results);
        }
        if (options.getResult().hasValue() || options.getResultFormat().hasValue()) {
            ResultFormatType type = options.getResultFormat().orElse(Defaults.RESULT_FORMAT);
            String file = options.getResult()
                    .orElse(Defaults.RESULT_FILE_PREFIX + "." + type.toString().toLowerCase(Locale.ROOT));
            ResultFormatFactory.getInstance(type, file).writeOut(results);
        }
    }
}
