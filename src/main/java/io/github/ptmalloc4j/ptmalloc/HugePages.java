package io.github.ptmalloc4j.ptmalloc;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the system says of its huge pages. Sizes in bytes; 0 where it has none. */
final class HugePages {
    private static final Path TRANSPARENT = Path.of("/sys/kernel/mm/transparent_hugepage");
    private static final Path MEMINFO = Path.of("/proc/meminfo");

    private HugePages() {}

    /** The size of transparent huge pages where they come to those who ask: glibc 2.36 takes no part in other modes. */
    static long transparentSize() {
        return read(TRANSPARENT.resolve("enabled")).contains("[madvise]")
                ? number(read(TRANSPARENT.resolve("hpage_pmd_size")))
                : 0;
    }

    /** The default size of the pages of the huge-page pool. */
    static long poolSize() {
        return read(MEMINFO)
                .lines()
                .filter(line -> line.startsWith("Hugepagesize:"))
                .mapToLong(line -> number(line.replaceAll("\\D", "")) << 10)
                .findFirst()
                .orElse(0);
    }

    private static long number(String digits) {
        return digits.isBlank() ? 0 : Long.parseLong(digits.strip());
    }

    private static String read(Path path) {
        try {
            return Files.readString(path, StandardCharsets.US_ASCII);
        } catch (IOException e) {
            // A kernel built without the feature has no such file.
            return "";
        }
    }
}
