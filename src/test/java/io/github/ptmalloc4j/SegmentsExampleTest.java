package io.github.ptmalloc4j;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class SegmentsExampleTest {
    @Test
    void theProgramRuns() throws InterruptedException {
        SegmentsExample.main(new String[0]);
    }

    @Test
    void theReadmeShowsThisProgram() throws IOException {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("README.md"))) {
            root = root.getParent();
        }
        List<String> readme = Files.readAllLines(root.resolve("README.md"));
        Path source = root.resolve("src/test/java/io/github/ptmalloc4j/SegmentsExample.java");
        List<String> program = Files.readAllLines(source);
        List<String> main = program.subList(
                program.indexOf(program.stream()
                        .filter(line -> line.contains("void main"))
                        .findFirst()
                        .orElseThrow()),
                program.size());
        for (String line : main) {
            assertTrue(readme.contains(line), () -> "not in the README: " + line);
        }
    }
}
