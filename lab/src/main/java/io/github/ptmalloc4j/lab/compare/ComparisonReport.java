package io.github.ptmalloc4j.lab.compare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.github.ptmalloc4j.lab.trace.Trace;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** Traces on several allocators, as text, data and page. */
public final class ComparisonReport {
    /** What is compared unless somebody says what. */
    public static final List<String> USUAL =
            List.of("ptmalloc4j", "ptmalloc4j-service", "glibc", "jemalloc", "mimalloc", "tcmalloc");

    private static final Duration MEASURED = Duration.ofMillis(300);

    private final Options options;
    private final List<ScoreRule> rules;

    /**
     * What to compare and how to tell.
     *
     * @param allocators their names
     * @param tunables of {@code ptmalloc4j}, in the form of GLIBC_TUNABLES
     * @param programBreak whether the heap of {@code ptmalloc4j} is on the program break
     * @param warmUp how long the JIT compiler is given before passes are timed
     * @param passes how many passes are timed at least
     * @param html the page to write, or null
     * @param scores a file of rules in place of the known ones, or null
     * @param json whether to print data in place of tables
     * @param command that asked for it, for the reader
     */
    public record Options(
            List<String> allocators,
            String tunables,
            boolean programBreak,
            Duration warmUp,
            int passes,
            Path html,
            Path scores,
            boolean json,
            String command) {}

    /**
     * Reads what is needed before any work is done.
     *
     * @throws IOException whose message is one sentence, if the rules cannot be read or the page could not be written
     */
    public ComparisonReport(Options options) throws IOException {
        this.options = options;
        rules = options.scores() == null ? ScoreRule.known() : ScoreRule.of(options.scores());
        if (options.html() != null) {
            Path directory = options.html().toAbsolutePath().getParent();
            if (!Files.isDirectory(directory)) {
                throw new IOException(options.html() + ": there is no directory " + directory);
            }
            if (Files.isDirectory(options.html()) || !Files.isWritable(directory)) {
                throw new IOException(options.html() + ": the file cannot be written");
            }
        }
    }

    /** The names of all allocators, each with what it is. */
    public static Map<String, String> allocators() {
        Map<String, String> all = new LinkedHashMap<>();
        Stream.of(Allocator.values()).forEach(a -> all.put(a.label(), a.description()));
        return all;
    }

    /**
     * Compares, prints and writes.
     *
     * @param progress gives a trace, by its name, somebody to tell
     * @return whether no replay went wrong; an allocator that is not installed is not wrong
     * @throws IOException if a file cannot be written
     */
    public boolean run(List<Trace> traces, PrintWriter out, Function<String, Progress> progress) throws IOException {
        Comparison comparison = new Comparison(new Comparison.Settings(
                options.tunables(),
                options.programBreak(),
                options.warmUp(),
                options.passes(),
                MEASURED,
                "gcc",
                Comparison.LIBRARY_DIRECTORIES));
        ComparisonTable table = new ComparisonTable(options.json() ? new PrintWriter(Writer.nullWriter()) : out);
        List<Allocator> allocators = options.allocators().stream()
                .map(Allocator::named)
                .flatMap(Optional::stream)
                .toList();
        List<TraceComparison> results = new ArrayList<>();
        for (Trace trace : traces) {
            try (Progress told = progress.apply(trace.name())) {
                results.add(comparison.compare(trace, allocators, told));
            }
            table.trace(results.getLast());
        }
        table.summary(results, rules);
        table.machine(machine());
        if (options.json()) {
            out.println(asJson(results));
        }
        if (options.html() != null) {
            Files.writeString(options.html(), new ComparisonPage(results, rules, machine(), options.command()).html());
        }
        out.flush();
        return results.stream().flatMap(t -> t.allocators().stream()).noneMatch(Measurement::failed);
    }

    private String asJson(List<TraceComparison> results) {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("measured", machine());
        report.put("command", options.command());
        report.put("traces", results);
        report.put("summary", Summary.of(results, rules));
        report.put(
                "scores",
                rules.stream()
                        .collect(LinkedHashMap::new, (all, rule) -> all.put(rule.name(), rule.formula()), Map::putAll));
        try {
            return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(report);
        } catch (JsonProcessingException e) {
            throw new AssertionError("records of numbers have a JSON form", e);
        }
    }

    /** Where and when: no name of the machine, but what the figures depend on. */
    private static String machine() {
        return "%s; Linux %s, %d CPUs%s; Java %s; glibc %s"
                .formatted(
                        LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm")),
                        System.getProperty("os.version"),
                        Runtime.getRuntime().availableProcessors(),
                        cpu().map(name -> " (" + name + ")").orElse(""),
                        Runtime.version(),
                        Versions.glibc());
    }

    private static Optional<String> cpu() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
