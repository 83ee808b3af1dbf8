package io.github.ptmalloc4j;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The remembered blocks of a heap that are live; see {@link Ptmalloc#liveBlocks()}. Its text is a report by stack, the
 * heaviest first.
 *
 * @param interval bytes between two samples on average; 1 if every block is remembered
 * @param taken blocks remembered so far, those included that are gone
 * @param blocks in the order in which they were allocated
 */
public record LiveBlocks(long interval, long taken, List<LiveBlock> blocks) {
    private static final int SHOWN_FRAMES = 8;

    /**
     * Blocks with the same stack.
     *
     * @param stack the innermost frame first
     * @param count remembered blocks
     * @param weight bytes that they stand for
     */
    public record Site(List<StackTraceElement> stack, int count, long weight) {}

    /** By stack, the heaviest first. */
    public List<Site> sites() {
        Map<List<StackTraceElement>, List<LiveBlock>> byStack =
                blocks.stream().collect(Collectors.groupingBy(LiveBlock::stack));
        return byStack.entrySet().stream()
                .map(e -> new Site(e.getKey(), e.getValue().size(), weight(e.getValue())))
                .sorted(Comparator.comparingLong(Site::weight).reversed())
                .toList();
    }

    /** Bytes that all of them stand for. */
    public long weight() {
        return weight(blocks);
    }

    private static long weight(List<LiveBlock> blocks) {
        return blocks.stream().mapToLong(LiveBlock::weight).sum();
    }

    public boolean isEmpty() {
        return blocks.isEmpty();
    }

    /** Those that were allocated after {@code before} was taken from the same heap. */
    public LiveBlocks since(LiveBlocks before) {
        return new LiveBlocks(
                interval,
                taken,
                blocks.stream().filter(b -> b.number() > before.taken).toList());
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("%,d live blocks %s %,d bytes%n"
                .formatted(blocks.size(), interval == 1 ? "of" : "sampled, standing for about", weight()));
        for (Site site : sites()) {
            text.append("%,d bytes in %,d blocks, allocated%n".formatted(site.weight(), site.count()));
            site.stack().stream()
                    .limit(SHOWN_FRAMES)
                    .forEach(frame -> text.append("        at ").append(frame).append(System.lineSeparator()));
        }
        return text.toString();
    }
}
