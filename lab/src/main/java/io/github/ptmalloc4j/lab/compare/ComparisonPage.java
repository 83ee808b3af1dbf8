package io.github.ptmalloc4j.lab.compare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The comparison as one page of HTML that needs nothing else: tables, which hold every number, and curves over them. The frame is
 * {@code page.html}; the curves are drawn by uPlot, which is part of the page.
 */
final class ComparisonPage {
    private static final Pattern PLACE = Pattern.compile("@([a-z-]+)@");
    private static final List<String> CURVES = List.of("live", "heap", "resident", "faults");
    private static final Map<String, String> CURVE_TITLES = Map.of(
            "live", "Live: bytes asked for and not given back",
            "heap", "Heap: break and writable mappings",
            "resident", "Resident: anonymous memory in RAM",
            "faults", "Minor faults so far");

    private final List<TraceComparison> traces;
    private final List<ScoreRule> rules;
    private final String machine;
    private final String command;

    /**
     * A page.
     *
     * @param machine one line on where and when it was measured
     * @param command that measured it
     */
    ComparisonPage(List<TraceComparison> traces, List<ScoreRule> rules, String machine, String command) {
        this.traces = traces;
        this.rules = rules;
        this.machine = machine;
        this.command = command;
    }

    /** The whole page. */
    String html() throws IOException {
        Map<String, String> parts = Map.ofEntries(
                Map.entry("uplot-licence", resource("uPlot.LICENSE").strip()),
                Map.entry("uplot-css", resource("uPlot.min.css").strip()),
                Map.entry("uplot-js", resource("uPlot.iife.min.js").strip()),
                Map.entry("title", escaped("Allocators compared: " + title())),
                Map.entry("machine", escaped(machine)),
                Map.entry("command", escaped(command)),
                Map.entry("summary", summary()),
                Map.entry("traces", traces()),
                Map.entry("allocators", allocators()),
                Map.entry("meanings", meanings()),
                Map.entry("data", data()));
        return PLACE.matcher(resource("page.html"))
                .replaceAll(place -> Matcher.quoteReplacement(parts.getOrDefault(place.group(1), place.group())));
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = ComparisonPage.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private String title() {
        return traces.stream().map(TraceComparison::trace).collect(Collectors.joining(", "));
    }

    private String summary() {
        List<List<String>> rows = Summary.of(traces, rules).stream()
                .map(row -> Figures.cells(row, rules))
                .toList();
        return "<h2>All traces</h2>\n" + table(heads(Figures.summaryHeads(rules)), rows);
    }

    /** With a line break between the two; what is hyphenated in text is whole here. */
    private static List<String> heads(List<List<String>> heads) {
        return heads.stream()
                .map(lines -> lines.getFirst().endsWith("-")
                        ? lines.getFirst().substring(0, lines.getFirst().length() - 1) + lines.getLast()
                        : String.join("\n", lines).strip())
                .toList();
    }

    private String traces() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < traces.size(); i++) {
            TraceComparison trace = traces.get(i);
            text.append("<h2>").append(escaped(Figures.title(trace))).append("</h2>\n");
            text.append(figures(trace));
            text.append(
                            "<p class=\"soft hint\">Choose names to see these alone. Point at a curve or tap it to read it; drag to zoom,")
                    .append(" double-click to go back.</p>\n");
            text.append("<div class=\"legend\" data-trace=\"%d\"></div>%n<div class=\"charts\">%n".formatted(i));
            for (String curve : CURVES) {
                text.append(
                        ("<div class=\"chart\" data-trace=\"%d\" data-kind=\"%s\"><h3>%s</h3><p class=\"readout\"></p>"
                                        + "<div class=\"plot\" role=\"img\" aria-label=\"%3$s; the table below has the numbers\">"
                                        + "</div></div>%n")
                                .formatted(i, curve, CURVE_TITLES.get(curve)));
            }
            text.append("</div>\n");
            text.append(details("System calls by name", systemCalls(trace)));
            text.append(details("The curves as a table", samples(trace)));
        }
        return text.toString();
    }

    private static String figures(TraceComparison trace) {
        List<List<String>> rows = trace.allocators().stream()
                .map(row -> row.nanosPerOperation() == null
                        ? List.of(Figures.name(row.allocator()), row.note())
                        : Figures.cells(row))
                .toList();
        String remarks = list(Figures.remarks(trace));
        return table(heads(Figures.HEADS), rows)
                + (remarks.isEmpty() ? "" : "<ul class=\"notes\">\n" + remarks + "\n</ul>\n");
    }

    /** What each allocator is, and which version of it. */
    private String allocators() {
        List<List<String>> rows = traces.getFirst().allocators().stream()
                .flatMap(row -> Allocator.named(row.allocator()).stream())
                .map(allocator -> List.of(
                        Figures.name(allocator.label()),
                        allocator.description(),
                        Versions.of(allocator).orElse("–")))
                .toList();
        return table(List.of("allocator", "what", "version"), rows).replace("class=\"wide\"", "class=\"wide words\"");
    }

    private static String systemCalls(TraceComparison trace) {
        List<String> names = new ArrayList<>(new TreeSet<>(trace.allocators().stream()
                .flatMap(row -> row.systemCallsByName().keySet().stream())
                .toList()));
        List<String> head = new ArrayList<>(List.of("allocator"));
        head.addAll(names);
        List<List<String>> rows = new ArrayList<>();
        for (Measurement row : trace.allocators()) {
            List<String> cells = new ArrayList<>(List.of(row.allocator()));
            names.forEach(
                    name -> cells.add(Figures.number(row.systemCallsByName().get(name))));
            rows.add(cells);
        }
        return table(head, rows);
    }

    private static String samples(TraceComparison trace) {
        List<String> head = new ArrayList<>(List.of("operations", "live bytes"));
        List<long[]> columns = new ArrayList<>();
        for (Measurement row : trace.allocators()) {
            column(row.heapBytes(), row.allocator() + " heap bytes", head, columns);
            column(row.residentBytes(), row.allocator() + " resident bytes", head, columns);
            column(row.faults(), row.allocator() + " faults", head, columns);
        }
        List<List<String>> rows = new ArrayList<>();
        for (int k = 0; k < trace.sampledAt().length; k++) {
            List<String> cells = new ArrayList<>();
            cells.add(Figures.number((long) trace.sampledAt()[k]));
            cells.add(Figures.number(trace.liveBytes()[k]));
            for (long[] column : columns) {
                cells.add(Figures.number(column[k]));
            }
            rows.add(cells);
        }
        return table(head, rows);
    }

    private static void column(long[] values, String name, List<String> head, List<long[]> columns) {
        if (values != null) {
            head.add(name);
            columns.add(values);
        }
    }

    private String meanings() {
        return list(Figures.meanings(rules));
    }

    private static String list(List<String> texts) {
        return texts.stream().map(text -> "<li>" + escaped(text) + "</li>").collect(Collectors.joining("\n"));
    }

    private String data() {
        try {
            // A script's text ends at "</", wherever that stands.
            return new ObjectMapper().writeValueAsString(traces).replace("<", "\\u003c");
        } catch (JsonProcessingException e) {
            throw new AssertionError("records of numbers have a JSON form", e);
        }
    }

    private static String details(String title, String body) {
        return "<details><summary>" + title + "</summary>\n" + body + "</details>\n";
    }

    private static String table(List<String> head, List<List<String>> rows) {
        StringBuilder text = new StringBuilder("<div class=\"wide\" tabindex=\"0\"><table>\n<thead><tr>");
        head.forEach(cell -> text.append("<th scope=\"col\">")
                .append(escaped(cell).replace("\n", "<br>"))
                .append("</th>"));
        text.append("</tr></thead>\n<tbody>\n");
        for (List<String> row : rows) {
            text.append("<tr>");
            for (int i = 0; i < row.size(); i++) {
                boolean note = i > 0 && row.size() < head.size();
                text.append(note ? "<td class=\"note\" colspan=\"%d\">".formatted(head.size() - i) : "<td>")
                        .append(escaped(row.get(i)))
                        .append("</td>");
            }
            text.append("</tr>\n");
        }
        return text.append("</tbody>\n</table></div>\n").toString();
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
