package io.github.ptmalloc4j.lab.verify;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Help.Ansi;

/** Reports as people read them, 100 columns wide, in plain ASCII. */
final class TextReport {
    private static final int WIDTH = 100;
    private static final String INDENT = "    ";
    /** What, witness, expected, measured, verdict. */
    private static final String ROW = "      %-41s %-12s %16s %16s ";

    private final PrintWriter out;
    private final Ansi ansi;

    TextReport(PrintWriter out, Ansi ansi) {
        this.out = out;
        this.ansi = ansi;
    }

    void heading(int claims, Machine machine) {
        out.println("ptmalloc4j verify: %d %s, each proved in a fresh JVM with the kernel's own evidence"
                .formatted(claims, claims == 1 ? "claim" : "claims"));
        paragraph("", machine.toString(), "faint");
        paragraph("", "Each row: what is measured, who saw it, what the rules give, what was seen.", "faint");
        out.println();
        out.flush();
    }

    void list(List<Claim> claims) {
        claims.forEach(claim -> paragraph("%2d  ".formatted(claim.number()), claim.sentence(), "bold"));
        out.flush();
    }

    void claim(ClaimReport report) {
        paragraph("%2d  ".formatted(report.number()), report.claim(), "bold");
        paragraph(INDENT, report.expected(), "faint");
        if (!report.measurements().isEmpty()) {
            out.println();
            out.println(style(
                    "faint",
                    ROW.formatted("", "witness", "expected", "measured").stripTrailing()));
            table(report.measurements());
        }
        out.println();
        out.println(INDENT + verdict(report.verdict()) + "  " + summary(report));
        out.println();
        out.flush();
    }

    private void table(List<Measurement> measurements) {
        String step = "";
        for (Measurement m : measurements) {
            if (!m.step().equals(step)) {
                step = m.step();
                out.println(INDENT + step);
            }
            String row = ROW.formatted(
                    m.what(),
                    m.witness().label(),
                    m.unit().format(m.expected()),
                    m.unit().format(m.measured()));
            out.println(row + (m.holds() ? style("green", "ok") : style("bold,red", "WRONG")));
        }
    }

    private static String summary(ClaimReport report) {
        if (report.verdict() != Verdict.PROVED) {
            return report.reason();
        }
        return String.format(
                Locale.ROOT,
                "%d %s, all as expected (%.1f s)",
                report.measurements().size(),
                report.measurements().size() == 1 ? "measurement" : "measurements",
                report.milliseconds() / 1000.0);
    }

    void totals(List<ClaimReport> reports, long milliseconds) {
        out.println(String.format(
                Locale.ROOT,
                "%d proved, %d failed, %d not provable, in %.1f s",
                count(reports, Verdict.PROVED),
                count(reports, Verdict.FAILED),
                count(reports, Verdict.NOT_PROVABLE),
                milliseconds / 1000.0));
        for (ClaimReport report : reports) {
            if (report.verdict() != Verdict.PROVED) {
                paragraph("%2d  ".formatted(report.number()), report.verdict() + ": " + report.reason(), "bold");
            }
        }
        out.flush();
    }

    static long count(List<ClaimReport> reports, Verdict verdict) {
        return reports.stream().filter(r -> r.verdict() == verdict).count();
    }

    private String verdict(Verdict verdict) {
        return style(
                switch (verdict) {
                    case PROVED -> "bold,green";
                    case FAILED -> "bold,red";
                    case NOT_PROVABLE -> "bold,yellow";
                },
                verdict.toString());
    }

    private String style(String style, String text) {
        return ansi.new Text("@|%s %s|@".formatted(style, text.replace("@|", "@ |"))).toString();
    }

    private void paragraph(String prefix, String text, String style) {
        String indent = prefix;
        for (String line : wrapped(text, WIDTH - prefix.length())) {
            out.println(indent + style(style, line));
            indent = " ".repeat(prefix.length());
        }
    }

    private static List<String> wrapped(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ")) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        if (!line.isEmpty()) {
            lines.add(line.toString());
        }
        return lines;
    }
}
