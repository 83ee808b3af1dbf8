package io.github.ptmalloc4j.verify;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The sizes that /proc/self/smaps gives for each mapping, summed over those that a range touches. A mapping counts
 * whole, also where only a part of it lies in the range: for single pages ask {@link Pagemap}.
 *
 * @param bytesByField the name of a field, such as {@code Rss}, {@code Anonymous} or {@code AnonHugePages}, to its sum
 *     in bytes
 */
public record Smaps(Map<String, Long> bytesByField) {
    private static final String FILE = "/proc/self/smaps";
    private static final Pattern MAPPING = Pattern.compile("([0-9a-f]+)-([0-9a-f]+) .*");
    private static final Pattern SIZE = Pattern.compile("(\\w+): +(\\d+ kB)");

    /** Keeps the sums as they were. */
    public Smaps {
        bytesByField = Map.copyOf(bytesByField);
    }

    /**
     * Reads the file now.
     *
     * @param from the first address
     * @param to the first address behind the range
     */
    public static Smaps of(long from, long to) {
        Map<String, Long> sums = new HashMap<>();
        boolean inRange = false;
        for (String line : ProcFile.lines(FILE)) {
            var mapping = MAPPING.matcher(line);
            var size = SIZE.matcher(line);
            if (mapping.matches()) {
                inRange = Long.parseUnsignedLong(mapping.group(1), 16) < to
                        && from < Long.parseUnsignedLong(mapping.group(2), 16);
            } else if (inRange && size.matches()) {
                sums.merge(size.group(1), ProcFile.kibibytes(size.group(2)), Long::sum);
            }
        }
        return new Smaps(sums);
    }

    /** The sum of a field in bytes; 0 where no mapping is in the range or the kernel does not know the field. */
    public long bytes(String field) {
        return bytesByField.getOrDefault(field, 0L);
    }
}
