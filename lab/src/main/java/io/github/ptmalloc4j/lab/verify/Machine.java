package io.github.ptmalloc4j.lab.verify;

import io.github.ptmalloc4j.verify.Pagemap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the claims were proved.
 *
 * @param kernel its name and version
 * @param java version of the JVM
 * @param processors that the JVM may use
 * @param pagemap {@code readable}, or why not
 * @param transparentHugePages the kernel's setting: always, madvise, never or none
 */
record Machine(String kernel, String java, int processors, String pagemap, String transparentHugePages) {
    static Machine here() {
        return new Machine(
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                Runtime.version().toString(),
                Runtime.getRuntime().availableProcessors(),
                Pagemap.unavailable().orElse("readable"),
                hugePages());
    }

    private static String hugePages() {
        try {
            String text = Files.readString(Path.of("/sys/kernel/mm/transparent_hugepage/enabled"));
            return text.substring(text.indexOf('[') + 1, text.indexOf(']'));
        } catch (IOException e) {
            return "none";
        }
    }

    @Override
    public String toString() {
        return "on %s, Java %s, %d processors; pagemap %s; transparent huge pages: %s"
                .formatted(kernel, java, processors, pagemap, transparentHugePages);
    }
}
