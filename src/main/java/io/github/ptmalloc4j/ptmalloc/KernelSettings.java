package io.github.ptmalloc4j.ptmalloc;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the system says of itself. Sizes in bytes; 0 where it has none. */
final class KernelSettings {
    private static final Path TRANSPARENT = Path.of("/sys/kernel/mm/transparent_hugepage");
    private static final Path OVERCOMMIT = Path.of("/proc/sys/vm/overcommit_memory");
    private static final Path ONLINE = Path.of("/sys/devices/system/cpu/online");
    private static final Path MEMINFO = Path.of("/proc/meminfo");

    private KernelSettings() {}

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

    /** Whether every accessible page counts against the commit limit, used or not. */
    static boolean strictOvercommit() {
        return read(OVERCOMMIT).startsWith("2");
    }

    /** CPUs that are online, whether this process may use them or not: what glibc 2.36 on Debian counts arenas by. */
    static int onlineCpus() {
        int cpus = 0;
        for (String range : read(ONLINE).strip().split(",")) {
            String[] ends = range.split("-");
            if (!ends[0].isBlank()) {
                cpus += Integer.parseInt(ends[ends.length - 1]) - Integer.parseInt(ends[0]) + 1;
            }
        }
        return cpus > 0 ? cpus : 2;
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
