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
            "faults", "Minor faults");

    private final List<TraceComparison> traces;
    private final List<ScoreRule> rules;
    private final String machine;

    /**
     * A page.
     *
     * @param machine one line on where and when it was measured
     */
    ComparisonPage(List<TraceComparison> traces, List<ScoreRule> rules, String machine) {
        this.traces = traces;
        this.rules = rules;
        this.machine = machine;
    }

    /** The whole page. */
    String html() throws IOException {
        Map<String, String> parts = Map.of(
                "uplot-licence", resource("uPlot.LICENSE").strip(),
                "uplot-css", resource("uPlot.min.css").strip(),
                "uplot-js", resource("uPlot.iife.min.js").strip(),
                "machine", escaped(machine),
                "summary", summary(),
                "traces", traces(),
                "meanings", meanings(),
                "data", data());
        return PLACE.matcher(resource("page.html"))
                .replaceAll(place -> Matcher.quoteReplacement(parts.getOrDefault(place.group(1), place.group())));
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = ComparisonPage.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private String summary() {
        List<String> head =
                new ArrayList<>(List.of("allocator", "ns per oper.", "utilisation", "minor faults", "system calls"));
        rules.forEach(rule -> head.add("score " + rule.name()));
        List<List<String>> rows = new ArrayList<>();
        for (Summary summary : Summary.of(traces, rules)) {
            List<String> cells = new ArrayList<>(List.of(
                    summary.allocator(),
                    Figures.nanos(summary.nanosPerOperation()),
                    Figures.percent(summary.meanUtilisation()),
                    Figures.number(summary.minorFaults()),
                    Figures.number(summary.systemCalls())));
            rules.forEach(rule -> cells.add(Figures.score(summary.scores().get(rule.name()))));
            rows.add(cells);
        }
        return "<h2>All traces</h2>\n" + table(head, rows);
    }

    private String traces() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < traces.size(); i++) {
            TraceComparison trace = traces.get(i);
            text.append("<h2>").append(escaped(Figures.title(trace))).append("</h2>\n");
            text.append(figures(trace)).append("<div class=\"charts\">\n");
            for (String curve : CURVES) {
                text.append("<div class=\"chart\" data-trace=\"%d\" data-kind=\"%s\"><h3>%s</h3><div></div></div>%n"
                        .formatted(i, curve, CURVE_TITLES.get(curve)));
            }
            text.append("</div>\n");
            text.append(details("System calls by name", systemCalls(trace)));
            text.append(details("The curves as a table", samples(trace)));
        }
        return text.toString();
    }

    private static String figures(TraceComparison trace) {
        List<String> head = Figures.HEADS.stream()
                .map(lines -> String.join(lines.getFirst().endsWith("-") ? "" : " ", lines)
                        .replace("utili-", "utili")
                        .strip())
                .toList();
        boolean remarks =
                trace.allocators().stream().anyMatch(row -> !remark(row).isEmpty());
        List<List<String>> rows = new ArrayList<>();
        for (Measurement row : trace.allocators()) {
            List<String> cells = new ArrayList<>(Figures.cells(row));
            if (remarks) {
                cells.add(remark(row));
            }
            rows.add(cells);
        }
        List<String> heads = new ArrayList<>(head);
        if (remarks) {
            heads.add("");
        }
        String left = trace.leftOut() == 0
                ? ""
                : "<p class=\"soft\">%s lines of the file have no place in a replay and were left out.</p>%n"
                        .formatted(Figures.number(trace.leftOut()));
        return table(heads, rows) + left;
    }

    private static String remark(Measurement row) {
        String refused = row.refused() == null || row.refused() == 0
                ? ""
                : Figures.number(row.refused()) + " requests were refused";
        return row.note() == null ? refused : row.note();
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
        List<String> all = new ArrayList<>(Figures.MEANINGS);
        rules.forEach(rule -> all.add("score %s (%s): %s".formatted(rule.name(), rule.from(), rule.formula())));
        return all.stream().map(text -> "<li>" + escaped(text) + "</li>").collect(Collectors.joining("\n"));
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
        StringBuilder text = new StringBuilder("<div class=\"wide\"><table>\n<thead><tr>");
        head.forEach(
                cell -> text.append("<th scope=\"col\">").append(escaped(cell)).append("</th>"));
        text.append("</tr></thead>\n<tbody>\n");
        for (List<String> row : rows) {
            text.append("<tr>");
            for (int i = 0; i < row.size(); i++) {
                boolean note = i > 0 && head.get(i).isEmpty();
                text.append(note ? "<td class=\"note\">" : "<td>")
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
