package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Runs the jcstress tests of this module in a JVM of their own, which starts more. */
class StressTest {
    private static final boolean LONG = Boolean.getBoolean("ptmalloc4j.long");
    private static final Pattern EVERY_TEST_PASSED =
            Pattern.compile("Results: ([1-9]\\d*) planned; \\1 passed, 0 failed, 0 soft errs, 0 hard errs");
    private static final Path RESULTS = Path.of("target/jcstress").toAbsolutePath();

    @Test
    void theLockAndTheHandOverOfChunksAllowNothingForbidden() throws IOException, InterruptedException {
        Files.createDirectories(RESULTS);
        Path output = RESULTS.resolve("output.txt");
        Process process = new ProcessBuilder(command())
                .directory(RESULTS.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertTrue(process.waitFor(LONG ? 7200 : 300, TimeUnit.SECONDS), "jcstress does not come to an end");
        String text = Files.readString(output);
        assertEquals(0, process.exitValue(), text);
        assertTrue(EVERY_TEST_PASSED.matcher(text).find(), text);
    }

    private static List<String> command() {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "org.openjdk.jcstress.Main",
                "-t",
                "io.github.ptmalloc4j.ptmalloc",
                "-r",
                RESULTS.toString(),
                "-jvmArgs",
                "--enable-native-access=ALL-UNNAMED"));
        if (!LONG) {
            // One fork a test and a fifth of a second in it; no variants by CPU affinity and by which actor is compiled
            // how.
            command.addAll(List.of(
                    "-f",
                    "1",
                    "-fsm",
                    "1",
                    "-iters",
                    "1",
                    "-time",
                    "200",
                    "-strideSize",
                    "500",
                    "-af",
                    "NONE",
                    "-sc",
                    "false"));
        }
        return command;
    }
}
