package io.github.ptmalloc4j.lab.verify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.ptmalloc4j.os.ProgramBreak;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Runs claims, each in a JVM of its own: limits, a moved break and crashes stay there, and the C library's malloc, told
 * so by the environment, leaves the program break alone.
 */
public final class Verifier {
    /** How many children run at a time. */
    private static final int AT_A_TIME = 2;
    /** How much of a child's last words is shown. */
    private static final int LAST_LINES = 6;

    /** Where a child's output goes, and its JVM's report should it crash. */
    private static final String OUT = "out";

    private static final String ERR = "err";
    private static final String CRASH = "crash";

    /**
     * The child is to do as little as possible beside its proof: one small compiler, one collector without threads, all
     * of the Java heap touched beforehand, so that the thread's faults are the proof's.
     */
    private static final List<String> OPTIONS = List.of(
            "-Xshare:auto",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UseDynamicNumberOfCompilerThreads",
            "-Xms32m",
            "-Xmx64m",
            "-XX:+AlwaysPreTouch",
            "-XX:-UsePerfData",
            "-XX:-CreateCoredumpOnCrash",
            "-Dstdout.encoding=UTF-8",
            "-Duser.language=en",
            "--enable-native-access=ALL-UNNAMED",
            // JNR's jffi needs it; JDKs before 24 ignore it.
            "-Dsun.misc.unsafe.memory.access=allow");

    private final Class<? extends Supplier<List<Claim>>> source;
    private final Duration limit;

    /**
     * A verifier of the claims that a class supplies.
     *
     * @param source public, with a public constructor without parameters: the children make their own
     * @param limit how long a child may run
     */
    public Verifier(Class<? extends Supplier<List<Claim>>> source, Duration limit) {
        this.source = source;
        this.limit = limit;
    }

    /**
     * Runs claims, two at a time, and reports them in their order, each as soon as it and all before it are done.
     *
     * @param claims of the source
     * @return the reports, as handed to {@code each}
     */
    public List<ClaimReport> run(List<Claim> claims, Consumer<ClaimReport> each) throws InterruptedException {
        List<ClaimReport> reports = new ArrayList<>();
        try (ExecutorService workers = Executors.newFixedThreadPool(AT_A_TIME)) {
            List<Future<ClaimReport>> futures =
                    claims.stream().map(c -> workers.submit(() -> run(c))).toList();
            for (Future<ClaimReport> future : futures) {
                ClaimReport report = get(future);
                each.accept(report);
                reports.add(report);
            }
        }
        return reports;
    }

    private static ClaimReport get(Future<ClaimReport> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the verifier itself failed", e.getCause());
        }
    }

    private ClaimReport run(Claim claim) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("ptmalloc4j-claim-");
        try {
            return run(claim, directory);
        } finally {
            delete(directory);
        }
    }

    private ClaimReport run(Claim claim, Path directory) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command(claim, directory))
                .redirectOutput(directory.resolve(OUT).toFile())
                .redirectError(directory.resolve(ERR).toFile());
        builder.environment().merge("GLIBC_TUNABLES", tunable(), Verifier::joined);
        long began = System.nanoTime();
        Process child = builder.start();
        boolean ended = child.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        if (!ended) {
            child.destroyForcibly().waitFor();
        }
        long milliseconds = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
        return (ended ? reportOf(claim, child.exitValue(), directory) : hung(claim)).lasting(milliseconds);
    }

    private List<String> command(Claim claim, Path directory) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(OPTIONS);
        command.add("-XX:ErrorFile=" + directory.resolve(CRASH));
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(ClaimProcess.class.getName(), source.getName(), String.valueOf(claim.number())));
        return command;
    }

    /** {@code glibc.malloc.hugetlb=2}. */
    private static String tunable() {
        String assignment = ProgramBreak.REQUIRED_ENVIRONMENT;
        return assignment.substring(assignment.indexOf('=') + 1);
    }

    private static String joined(String present, String wanted) {
        return List.of(present.split(":")).contains(wanted) ? present : present + ":" + wanted;
    }

    private ClaimReport hung(Claim claim) {
        return ClaimReport.failed(claim, "the child JVM was ended after %,d seconds".formatted(limit.toSeconds()));
    }

    private static ClaimReport reportOf(Claim claim, int status, Path directory) throws IOException {
        if (status != 0) {
            return ClaimReport.failed(claim, "the child JVM ended with status " + status + lastWords(directory));
        }
        String json = Files.readString(directory.resolve(OUT));
        try {
            return new ObjectMapper().readValue(json, ClaimReport.class);
        } catch (JsonProcessingException e) {
            return ClaimReport.failed(claim, "the child JVM gave no report but: " + json.strip());
        }
    }

    private static String lastWords(Path directory) throws IOException {
        Path crash = directory.resolve(CRASH);
        List<String> lines = Files.exists(crash) ? crashedBy(crash) : Files.readAllLines(directory.resolve(ERR));
        List<String> words = lines.stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
        List<String> last = words.subList(Math.max(0, words.size() - LAST_LINES), words.size());
        return last.isEmpty() ? "" : ": " + String.join("; ", last);
    }

    /** The signal and the frame, from the head of a JVM's crash report, whose lines begin with {@code #}. */
    private static List<String> crashedBy(Path crash) throws IOException {
        try (var lines = Files.lines(crash, StandardCharsets.ISO_8859_1)) {
            return lines.takeWhile(line -> line.startsWith("#"))
                    .map(line -> line.substring(1).strip())
                    .filter(line -> line.matches("(SIG|Internal Error|[CVJj] ).*"))
                    .toList();
        }
    }

    private static void delete(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            files.forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
        Files.delete(directory);
    }
}
