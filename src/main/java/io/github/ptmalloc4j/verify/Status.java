package io.github.ptmalloc4j.verify;

/** The process as a whole, from /proc/self/status. */
public final class Status {
    private static final String FILE = "/proc/self/status";

    private Status() {}

    /**
     * A size.
     *
     * @param field such as {@code VmSize}, all mappings, which RLIMIT_AS limits; {@code VmData}, private writable
     *     memory, which RLIMIT_DATA limits; {@code VmRSS}, what is resident
     * @return bytes
     * @throws IllegalArgumentException if the kernel gives no such size
     */
    public static long bytes(String field) {
        return ProcFile.lines(FILE).stream()
                .filter(line -> line.startsWith(field + ":") && line.endsWith("kB"))
                .mapToLong(line -> ProcFile.kibibytes(line.substring(field.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(FILE + " has no size " + field));
    }
}
