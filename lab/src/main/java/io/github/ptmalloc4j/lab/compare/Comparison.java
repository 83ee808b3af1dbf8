package io.github.ptmalloc4j.lab.compare;

import io.github.ptmalloc4j.lab.compare.Allocator.Runner;
import io.github.ptmalloc4j.lab.trace.Trace;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Replays traces on several allocators, each in processes of its own: one for the timed passes, one for a pass that writes every
 * byte and samples faults and resident memory, and one that does the same under ptrace, which counts system calls and the heap.
 */
final class Comparison {
    /** Where Debian and others put shared libraries. */
    static final List<Path> LIBRARY_DIRECTORIES = List.of(
            Path.of("/usr/lib/x86_64-linux-gnu"),
            Path.of("/usr/local/lib"),
            Path.of("/usr/lib64"),
            Path.of("/usr/lib"));

    private static final int STEPS = 3;
    private static final long MIB = 1 << 20;
    /** What the launcher sets for the heap on the program break, and what would change the C library's malloc. */
    private static final String BREAK_TUNABLE = "glibc.malloc.hugetlb=2";
    /** jemalloc has more thread-local storage than the loader keeps free for libraries that come late. */
    private static final String STATIC_TLS_TUNABLE = "glibc.rtld.optional_static_tls=16384";
    /** Beside a heap of ours the JVM's own malloc keeps still: its arena has room ahead and need not grow in the replaying thread. */
    private static final List<String> STILL_JVM_TUNABLES =
            List.of("glibc.malloc.arena_max=1", "glibc.malloc.top_pad=16777216");

    /** What a process is for. */
    private enum Pass {
        TIMED,
        MEMORY,
        /** A memory pass under the tracer, which preloads for the replay alone. */
        COUNTED
    }

    private final Settings settings;
    /** The replayer in C, or null, and then {@link #noReplayer} says why. */
    private final Path replayer;

    private final String noReplayer;

    /**
     * How to measure.
     *
     * @param tunables of {@link Allocator#PTMALLOC4J}, in the form of GLIBC_TUNABLES
     * @param programBreak whether its heap is on the program break
     * @param warmUp how long the JIT compiler is given before passes are timed
     * @param passes how many passes are timed at least
     * @param measured how long passes are timed at least
     * @param compiler for the replayer in C
     * @param libraries the directories to look for native allocators in
     */
    record Settings(
            String tunables,
            boolean programBreak,
            Duration warmUp,
            int passes,
            Duration measured,
            String compiler,
            List<Path> libraries) {}

    Comparison(Settings settings) {
        this(settings, Replayer.cache());
    }

    /** A comparison that keeps the replayer in C in a directory. */
    Comparison(Settings settings, Path cache) {
        this.settings = settings;
        Path program = null;
        String reason = null;
        try {
            program = Replayer.compiled(cache, settings.compiler());
        } catch (IOException e) {
            reason = e.getMessage();
        }
        replayer = program;
        noReplayer = reason;
    }

    /**
     * Replays one trace.
     *
     * @throws IOException if the image of the trace cannot be written
     */
    TraceComparison compare(Trace trace, List<Allocator> allocators, Progress progress) throws IOException {
        TraceImage image = new TraceImage(trace);
        Path file = Files.createTempFile("ptmalloc4j-", ".image");
        try {
            image.write(file);
            List<Measurement> rows = new ArrayList<>();
            for (Allocator allocator : allocators) {
                double done = rows.size();
                rows.add(measure(
                        allocator,
                        trace,
                        image,
                        file,
                        step -> progress.at(allocator.label(), (done + (double) step / STEPS) / allocators.size())));
            }
            return new TraceComparison(
                    trace.name(),
                    trace.calls(),
                    trace.threads(),
                    trace.weight(),
                    trace.leftOut(),
                    trace.peakLiveBytes(),
                    Arrays.stream(image.samples()).map(i -> i + 1).toArray(),
                    image.liveAtSamples(),
                    rows);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private Measurement measure(Allocator allocator, Trace trace, TraceImage image, Path file, Consumer<Integer> step)
            throws IOException {
        String obstacle = obstacle(allocator, trace);
        if (obstacle != null) {
            return Measurement.missing(allocator, obstacle, false);
        }
        Measurement.Collector collector = new Measurement.Collector(image.samples().length);
        try {
            step.accept(0);
            run(timed(allocator, trace, file), allocator, collector, Pass.TIMED);
            step.accept(1);
            run(memory(allocator, trace, file, "memory"), allocator, collector, Pass.MEMORY);
            step.accept(2);
            count(allocator, trace, file, collector);
            return collector.measurement(allocator, trace.calls(), trace.peakLiveBytes());
        } catch (Failure e) {
            return Measurement.missing(allocator, e.getMessage(), true);
        }
    }

    /** Why an allocator cannot replay a trace: one sentence; null if it can. */
    private String obstacle(Allocator allocator, Trace trace) {
        if (allocator.runner() == Runner.C && replayer == null) {
            return noReplayer;
        }
        if (allocator.library() != null
                && allocator.library().find(settings.libraries()).isEmpty()) {
            return "not installed: apt-get install " + allocator.library().debianPackage();
        }
        if (trace.threads() > 1 && !allocator.handsOver()) {
            return "a block of this trace may be freed by another thread, which a confined arena forbids";
        }
        return null;
    }

    private void count(Allocator allocator, Trace trace, Path file, Measurement.Collector collector)
            throws IOException, Failure {
        if (replayer == null) {
            collector.note(noReplayer);
            return;
        }
        Path counts = Files.createTempFile("ptmalloc4j-", ".counts");
        try {
            List<String> command = new ArrayList<>(List.of(replayer.toString(), "count", counts.toString()));
            if (allocator.runner() == Runner.C) {
                // For the replay alone: the tracer stays on the C library's malloc.
                command.add("env");
                preload(allocator).forEach((name, value) -> command.add(name + "=" + value));
            }
            command.addAll(memory(allocator, trace, file, "count"));
            run(command, allocator, new Measurement.Collector(trace.operations() + 1), Pass.COUNTED);
            Files.readAllLines(counts).forEach(collector::line);
        } catch (Failure e) {
            if (!e.getMessage().contains("ptrace")) {
                throw e;
            }
            collector.note("system calls and heap are not counted: " + e.getMessage());
        } finally {
            Files.deleteIfExists(counts);
        }
    }

    private List<String> timed(Allocator allocator, Trace trace, Path file) {
        String passes = Integer.toString(settings.passes());
        String nanos = Long.toString(settings.measured().toNanos());
        if (allocator.runner() == Runner.C) {
            return List.of(replayer.toString(), "time", file.toString(), passes, nanos);
        }
        List<String> command = java(allocator, trace, false);
        command.addAll(List.of(
                file.toString(),
                "time",
                passes,
                nanos,
                Long.toString(settings.warmUp().toNanos())));
        return command;
    }

    private List<String> memory(Allocator allocator, Trace trace, Path file, String mode) {
        if (allocator.runner() == Runner.C) {
            return List.of(replayer.toString(), "memory", file.toString());
        }
        List<String> command = java(allocator, trace, true);
        command.addAll(List.of(file.toString(), mode));
        return command;
    }

    /**
     * A JVM whose own memory keeps still. For the memory pass its heap is touched at the start, and the interpreter runs: the JIT
     * compiler's memory and faults would be counted as the allocator's. This project's heaps, which would be interpreted too, are
     * compiled by the small compiler in a rehearsal before the pass.
     */
    private List<String> java(Allocator allocator, Trace trace, boolean memory) {
        long heap = 256 * MIB + 2L * TraceImage.OPERATION_BYTES * trace.operations() + 256L * trace.slots();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms" + heap,
                "-Xmx" + heap,
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "-XX:MaxDirectMemorySize=" + Math.max(256 * MIB, 4 * trace.peakLiveBytes()),
                "-Dsun.misc.unsafe.memory.access=allow", // Or Netty goes without Unsafe, which is not its fastest.
                "--enable-native-access=ALL-UNNAMED"));
        if (memory) {
            command.addAll(List.of(allocator.isOurs() ? "-XX:TieredStopAtLevel=1" : "-Xint", "-XX:+AlwaysPreTouch"));
        }
        if (allocator.library() != null) {
            command.add("-D" + FfmBlocks.LIBRARY + "="
                    + allocator.library().find(settings.libraries()).orElseThrow());
        }
        command.add("-D" + FfmBlocks.CRITICAL + "=" + (allocator != Allocator.GLIBC_FFM));
        boolean onBreak = allocator == Allocator.PTMALLOC4J && settings.programBreak();
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                ReplayProcess.class.getName(),
                onBreak ? "ptmalloc4j-brk" : allocator.label(),
                settings.tunables()));
        return command;
    }

    private void run(List<String> command, Allocator allocator, Measurement.Collector collector, Pass pass)
            throws IOException, Failure {
        Path errors = Files.createTempFile("ptmalloc4j-", ".err");
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
            setTunables(builder.environment(), allocator, pass);
            if (pass != Pass.COUNTED) {
                builder.environment().putAll(preload(allocator));
            }
            Process process = builder.start();
            try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
                out.lines().forEach(collector::line);
            }
            int status = process.waitFor();
            if (status != 0) {
                throw new Failure(lastLine(errors, status));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + allocator.label() + " replayed", e);
        } finally {
            Files.deleteIfExists(errors);
        }
    }

    private Map<String, String> preload(Allocator allocator) {
        return allocator.runner() == Runner.C && allocator.library() != null
                ? Map.of(
                        "LD_PRELOAD",
                        allocator
                                .library()
                                .find(settings.libraries())
                                .orElseThrow()
                                .toString())
                : Map.of();
    }

    /** The user's own settings for the C library stay; the launcher's would make another malloc of it. */
    private void setTunables(Map<String, String> environment, Allocator allocator, Pass pass) {
        boolean onBreak = allocator == Allocator.PTMALLOC4J && settings.programBreak();
        List<String> tunables = new ArrayList<>(
                Arrays.stream(environment.getOrDefault("GLIBC_TUNABLES", "").split(":"))
                        .filter(tunable -> !tunable.isEmpty() && (onBreak || !tunable.equals(BREAK_TUNABLE)))
                        .toList());
        if (allocator.runner() == Runner.JVM && allocator.library() != null) {
            tunables.add(STATIC_TLS_TUNABLE);
        }
        if (allocator.isOurs() && !onBreak && pass != Pass.TIMED) {
            tunables.addAll(STILL_JVM_TUNABLES);
        }
        environment.put("GLIBC_TUNABLES", String.join(":", tunables));
    }

    private static String lastLine(Path errors, int status) throws IOException {
        String said = Files.readAllLines(errors, StandardCharsets.ISO_8859_1).stream()
                .filter(line -> !line.isBlank())
                .collect(Collectors.joining(" "));
        return "the replay ended with status " + status + (said.isEmpty() ? "" : ": " + said);
    }

    /** A replay that went wrong; the message is one sentence. */
    private static final class Failure extends Exception {
        private static final long serialVersionUID = 1;

        Failure(String sentence) {
            super(sentence);
        }
    }
}
