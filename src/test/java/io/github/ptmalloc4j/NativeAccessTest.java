package io.github.ptmalloc4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.ptmalloc4j.os.Memory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a JVM says that was started with native access, or without: each in a process of its own. */
class NativeAccessTest {
    private static final String DENY_UNSAFE = "--sun-misc-unsafe-memory-access=deny";
    private static final String DENY_NATIVE = "--illegal-native-access=deny";

    /** Uses every part of the library that might need a right. */
    public static final class Program {
        private Program() {}

        public static void main(String[] args) {
            try (Ptmalloc heap = Ptmalloc.builder().limit(1 << 30).build()) {
                heap.registerMBean("program");
                heap.free(heap.malloc(100));
                heap.segments().free(heap.segments().allocate(100));
                heap.segments().free(heap.segments().allocateBuffer(100));
                try (Lifetime lifetime = heap.segments().shared()) {
                    lifetime.allocateFrom("text");
                }
                Thread.ofVirtual().start(() -> heap.malloc(100));
                System.out.println(heap.snapshot().resident() <= heap.snapshot().mapped());
            } catch (IllegalStateException e) {
                System.err.println(e.getMessage());
                System.exit(2);
            }
        }
    }

    private record Outcome(int status, String out, String err) {}

    @BeforeAll
    static void theOptionsAreOfJdk24() {
        assumeTrue(Runtime.version().feature() >= 24);
    }

    private static Outcome run(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        ProcessBuilder builder = new ProcessBuilder(command);
        // Whoever sets options for every JVM makes each say so.
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
        Path err = Path.of(
                System.getProperty("java.io.tmpdir"),
                "native-access-" + ProcessHandle.current().pid());
        Process process = builder.redirectError(err.toFile()).start();
        try {
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int status = process.waitFor();
            return new Outcome(status, out, Files.readString(err));
        } finally {
            Files.deleteIfExists(err);
        }
    }

    private static String classes(Class<?> of) throws Exception {
        return Path.of(of.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString();
    }

    private static String classPath() throws Exception {
        return classes(Memory.class) + ":" + classes(Program.class);
    }

    @Test
    void nothingIsSaidWhereAccessIsGranted() throws Exception {
        assertEquals(
                new Outcome(0, "true\n", ""),
                run(
                        DENY_NATIVE,
                        DENY_UNSAFE,
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        classPath(),
                        Program.class.getName()));
    }

    @Test
    void oneSentenceSaysWhatToPassWhereItIsDenied() throws Exception {
        assertEquals(
                new Outcome(
                        2,
                        "",
                        "ptmalloc4j may not call native functions: start the JVM with --enable-native-access=ALL-UNNAMED\n"),
                run(DENY_NATIVE, DENY_UNSAFE, "-cp", classPath(), Program.class.getName()));
    }

    private static Outcome runAsModule(String access) throws Exception {
        return run(
                DENY_NATIVE,
                DENY_UNSAFE,
                access,
                "--module-path",
                classes(Memory.class),
                "--patch-module",
                "io.github.ptmalloc4j=" + classes(Program.class),
                "--add-modules",
                "java.management",
                "-m",
                "io.github.ptmalloc4j/" + Program.class.getName());
    }

    @Test
    void aModuleNeedsAccessOfItsOwn() throws Exception {
        assertEquals(new Outcome(0, "true\n", ""), runAsModule("--enable-native-access=io.github.ptmalloc4j"));
        assertEquals(
                new Outcome(
                        2,
                        "",
                        "ptmalloc4j may not call native functions: start the JVM with --enable-native-access=io.github.ptmalloc4j\n"),
                runAsModule("--enable-native-access=ALL-UNNAMED"));
    }
}
