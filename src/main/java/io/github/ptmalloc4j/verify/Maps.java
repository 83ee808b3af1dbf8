package io.github.ptmalloc4j.verify;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The address space of this process at one moment, as /proc/self/maps shows it, in order of address.
 *
 * <p>The kernel joins neighbours of the same kind into one line, so a mapping may be part of a longer line: ask for
 * ranges of addresses rather than for lines.
 *
 * @param mappings one for each line
 */
public record Maps(List<Mapping> mappings) {
    /** The name of the program break's mapping. */
    public static final String HEAP = "[heap]";

    /** How {@link #permissions} calls addresses that no mapping holds. */
    public static final String UNMAPPED = "unmapped";

    private static final String FILE = "/proc/self/maps";

    /** Keeps the mappings as they were. */
    public Maps {
        mappings = List.copyOf(mappings);
    }

    /**
     * One line of the file.
     *
     * @param start the first address
     * @param end the first address behind it
     * @param permissions four letters such as {@code rw-p}: read, write, execute, and p for private or s for shared
     * @param name a file, a name in brackets, or nothing for anonymous memory
     */
    public record Mapping(long start, long end, String permissions, String name) {

        /** How long it is, in bytes. */
        public long bytes() {
            return end - start;
        }

        /** Whether it holds an address. */
        public boolean contains(long address) {
            return start <= address && address < end;
        }

        private boolean overlaps(long from, long to) {
            return start < to && from < end;
        }

        private static Mapping parse(String line) {
            // start-end permissions offset device inode name; the name may contain blanks or be missing.
            String[] fields = line.split("\\s+", 6);
            int dash = fields[0].indexOf('-');
            return new Mapping(
                    Long.parseUnsignedLong(fields[0].substring(0, dash), 16),
                    Long.parseUnsignedLong(fields[0].substring(dash + 1), 16),
                    fields[1],
                    fields.length < 6 ? "" : fields[5]);
        }
    }

    /** Reads the file now. */
    public static Maps read() {
        return new Maps(ProcFile.lines(FILE).stream().map(Mapping::parse).toList());
    }

    /** The mapping that holds an address. */
    public Optional<Mapping> at(long address) {
        return mappings.stream().filter(m -> m.contains(address)).findFirst();
    }

    /** The mappings of a name, such as {@link #HEAP}; more than one where their flags differ. */
    public List<Mapping> named(String name) {
        return mappings.stream().filter(m -> m.name().equals(name)).toList();
    }

    /** The mappings that hold at least one address of a range, whole. */
    public List<Mapping> overlapping(long from, long to) {
        return mappings.stream().filter(m -> m.overlaps(from, to)).toList();
    }

    /**
     * What may be done in a range: one word if all of it is alike, otherwise each word once, joined by {@code +}.
     *
     * @param from the first address
     * @param to the first address behind the range
     * @return {@code rw-p} and the like, {@link #UNMAPPED}, or a sum such as {@code rw-p+---p}
     */
    public String permissions(long from, long to) {
        Set<String> seen = new LinkedHashSet<>();
        long reached = from;
        for (Mapping mapping : overlapping(from, to)) {
            if (mapping.start() > reached) {
                seen.add(UNMAPPED);
            }
            seen.add(mapping.permissions());
            reached = mapping.end();
        }
        if (reached < to) {
            seen.add(UNMAPPED);
        }
        return String.join("+", seen);
    }
}
