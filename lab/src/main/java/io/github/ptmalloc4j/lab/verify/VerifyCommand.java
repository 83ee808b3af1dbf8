package io.github.ptmalloc4j.lab.verify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.github.ptmalloc4j.lab.options.HelpOption;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The {@code verify} subcommand. */
@Command(
        name = "verify",
        header = "Proves twenty claims about the heap with the kernel's own evidence.",
        description = {
            "",
            "Each claim runs in a fresh small JVM on the real program break. For each, the claim is printed in one"
                    + " sentence, then what is expected and by which rule, then what each witness measured beside what was"
                    + " expected, then a verdict. Pages are of 4096 bytes: transparent huge pages are off except where"
                    + " they are the claim.",
            "",
            "Witnesses: maps (/proc/self/maps), pagemap (/proc/self/pagemap: exact, one word a page), kpageflags"
                    + " (/proc/kpageflags, root only), smaps, the minor faults of the thread by getrusage and by thread"
                    + " stat (/proc/thread-self/stat), sbrk(0), a count of the engine's system calls, memory read back,"
                    + " and what the heap says of itself.",
            ""
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:all claims are proved",
            "1:at least one claim has failed",
            "2:the command line is wrong",
            "3:none has failed, but this machine cannot prove all of them"
        })
public final class VerifyCommand implements Callable<Integer> {
    private static final int FAILED = 1;
    private static final int NOT_PROVABLE = 3;
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Class<? extends Supplier<List<Claim>>> source;
    private final List<Claim> claims;

    @Mixin
    private HelpOption help;

    @Option(names = "--json", description = "Print the same as data: one JSON document.")
    private boolean json;

    @Option(names = "--list", description = "Print the claims and prove nothing.")
    private boolean list;

    @Parameters(
            paramLabel = "CLAIM",
            arity = "0..*",
            description = "Numbers of the claims to prove; all if none is given.")
    private List<Integer> numbers = List.of();

    @Spec
    private CommandSpec spec;

    /** The twenty claims. */
    public VerifyCommand() {
        this(Claims.class, new Claims().get());
    }

    /** Other claims, for tests of the command itself. */
    public VerifyCommand(Class<? extends Supplier<List<Claim>>> source, List<Claim> claims) {
        this.source = source;
        this.claims = List.copyOf(claims);
    }

    @Override
    public Integer call() throws InterruptedException, JsonProcessingException {
        List<Claim> chosen = chosen();
        if (list) {
            new TextReport(out(), Ansi.AUTO).list(chosen);
            return 0;
        }
        List<ClaimReport> reports = json ? proveAsData(chosen) : proveAsText(chosen);
        if (TextReport.count(reports, Verdict.FAILED) > 0) {
            return FAILED;
        }
        return TextReport.count(reports, Verdict.NOT_PROVABLE) > 0 ? NOT_PROVABLE : 0;
    }

    private List<Claim> chosen() {
        for (int number : numbers) {
            if (claims.stream().noneMatch(c -> c.number() == number)) {
                throw new ParameterException(
                        spec.commandLine(), "there is no claim %d; --list shows them".formatted(number));
            }
        }
        TreeSet<Integer> wanted = new TreeSet<>(numbers);
        return claims.stream()
                .filter(c -> wanted.isEmpty() || wanted.contains(c.number()))
                .toList();
    }

    private List<ClaimReport> proveAsText(List<Claim> chosen) throws InterruptedException {
        TextReport text = new TextReport(out(), Ansi.AUTO);
        long began = System.nanoTime();
        text.heading(chosen.size(), Machine.here());
        Progress progress = new Progress(chosen);
        progress.begin();
        List<ClaimReport> reports = new Verifier(source, LIMIT).run(chosen, report -> {
            progress.erase();
            text.claim(report);
            progress.next();
        });
        text.totals(reports, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
        return reports;
    }

    private List<ClaimReport> proveAsData(List<Claim> chosen) throws InterruptedException, JsonProcessingException {
        Progress progress = new Progress(chosen);
        progress.begin();
        List<ClaimReport> reports = new Verifier(source, LIMIT).run(chosen, report -> {
            progress.erase();
            progress.next();
        });
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("machine", Machine.here());
        for (Verdict verdict : Verdict.values()) {
            document.put(verdict.name().toLowerCase(Locale.ROOT), TextReport.count(reports, verdict));
        }
        document.put("claims", reports);
        out().println(new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .writeValueAsString(document));
        out().flush();
        return reports;
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
