package io.github.ptmalloc4j.lab.trace;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Mozilla's logalloc writes, raw with addresses or munged with numbers of blocks: process, thread, call and result.
 *
 * <pre>
 *   18545 18545 malloc(32)=0x7f90495120e0
 *   1 1 calloc(4,32)=#1
 *   1 2 realloc(#1,64)=#2
 *   1 1 memalign(64,100)=#3                also posix_memalign, aligned_alloc, valloc
 *   1 2 free(#2)
 *   1 1 jemalloc_stats()                   calls beyond malloc's family are left out
 * </pre>
 */
final class LogallocFormat implements TraceFormat {
    private static final Pattern LINE = Pattern.compile("(\\d+) (\\d+) (\\w+)\\(([^)]*)\\)(?:=(\\S+))?\\s*");

    private Lines lines;
    private AddressBook blocks;

    @Override
    public Trace read(Lines text) throws BadTrace {
        lines = text;
        blocks = new AddressBook(lines.shortName());
        lines.forEach(this::line);
        return blocks.build();
    }

    private void line(String text) throws BadTrace {
        if (text.isBlank()) {
            return;
        }
        Matcher line = LINE.matcher(text);
        if (!line.matches()) {
            throw new BadTrace("the line should have the form PROCESS THREAD CALL(…)=RESULT, not " + Lines.quote(text));
        }
        long result = line.group(5) == null ? 0 : block(line.group(5));
        String[] words = line.group(4).isBlank() ? new String[0] : line.group(4).split(",");
        Op op = opOf(line.group(3));
        if (op == null) {
            blocks.leaveOut();
            return;
        }
        require(line.group(3), words, op.numbers() + (op == Op.FREE || op == Op.REALLOC ? 1 : 0));
        blocks.thread(Numbers.decoded(line.group(2)));
        int number = lines.number();
        switch (op) {
            case FREE -> blocks.freed(block(words[0]), number);
            case REALLOC -> blocks.reallocated(block(words[0]), result, Numbers.decoded(words[1]), number);
            case MALLOC, VALLOC -> blocks.allocated(op, result, 0, Numbers.decoded(words[0]), number);
            default -> blocks.allocated(op, result, Numbers.decoded(words[0]), Numbers.decoded(words[1]), number);
        }
    }

    private static Op opOf(String call) {
        return switch (call) {
            case "malloc" -> Op.MALLOC;
            case "calloc" -> Op.CALLOC;
            case "realloc" -> Op.REALLOC;
            case "free" -> Op.FREE;
            case "memalign" -> Op.MEMALIGN;
            case "aligned_alloc" -> Op.ALIGNED_ALLOC;
            case "posix_memalign" -> Op.POSIX_MEMALIGN;
            case "valloc" -> Op.VALLOC;
            default -> null;
        };
    }

    private static void require(String call, String[] words, int count) throws BadTrace {
        if (words.length != count) {
            throw new BadTrace("%s has %d arguments, not %d".formatted(call, count, words.length));
        }
    }

    private static long block(String word) throws BadTrace {
        return Numbers.decoded(word.startsWith("#") ? word.substring(1) : word);
    }
}
