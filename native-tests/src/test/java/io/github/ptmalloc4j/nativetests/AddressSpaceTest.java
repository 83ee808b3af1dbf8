package io.github.ptmalloc4j.nativetests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Threads that together use up what address space their process may have. */
class AddressSpaceTest {
    private static final List<String> OPTIONS = List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UseDynamicNumberOfCompilerThreads",
            "-Xms128m",
            "-Xmx128m",
            "-XX:+AlwaysPreTouch",
            "-XX:-UsePerfData",
            "-XX:-CreateCoredumpOnCrash",
            "--enable-native-access=ALL-UNNAMED",
            "-Dsun.misc.unsafe.memory.access=allow");

    /** The child's JVM shall not want memory while there is none: its own malloc gets a stock at the first call. */
    private static final Map<String, String> STOCK =
            Map.of("MALLOC_ARENA_MAX", "1", "MALLOC_TOP_PAD_", "134217728", "MALLOC_TRIM_THRESHOLD_", "1073741824");

    @TempDir
    Path directory;

    @Test
    void eightThreadsThatExhaustItAreRefusedAndServedAgainOnceTheLimitIsLifted()
            throws IOException, InterruptedException {
        Path output = directory.resolve("output");
        ProcessBuilder builder = new ProcessBuilder();
        builder.command()
                .add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        builder.command().addAll(OPTIONS);
        builder.command().add("-XX:ErrorFile=" + directory.resolve("crash"));
        builder.command().addAll(List.of("-cp", System.getProperty("java.class.path")));
        builder.command().add(AddressSpaceProcess.class.getName());
        builder.environment().remove("GLIBC_TUNABLES");
        builder.environment().putAll(STOCK);
        Process child = builder.redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean ended = child.waitFor(60, TimeUnit.SECONDS);
        if (!ended) {
            child.destroyForcibly().waitFor();
        }
        String said = Files.readString(output);
        assertTrue(ended, () -> "the child hung after: " + said);
        assertEquals(0, child.exitValue(), said);
    }
}
