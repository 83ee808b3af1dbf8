package io.github.ptmalloc4j.lab.trace;

import java.util.StringTokenizer;

/**
 * The text form of Android's memory_replay: a thread and a call a line, addresses hexadecimal, sizes decimal. Behind each line may
 * stand when the call began and ended, in nanoseconds, which is not used.
 *
 * <pre>
 *   12: malloc 0x7a100010 32
 *   12: calloc 0x7a100030 4 16        elements, bytes of one
 *   13: realloc 0x7a100080 0x7a100010 64   new block, old block, bytes
 *   13: memalign 0x7a101000 4096 100  alignment, bytes
 *   12: free 0x7a100080
 *   12: thread_done 0x0
 * </pre>
 */
final class MemoryReplayFormat implements TraceFormat {
    private static final int HEXADECIMAL = 16;

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
        int colon = text.indexOf(':');
        StringTokenizer words = new StringTokenizer(colon < 0 ? "" : text.substring(colon + 1));
        if (words.countTokens() < 2) {
            throw new BadTrace("the line should have the form THREAD: CALL ADDRESS …, not " + Lines.quote(text));
        }
        long thread = Numbers.decoded(text.substring(0, colon).strip());
        String call = words.nextToken();
        long address = address(words);
        if (!call.equals("thread_done")) {
            blocks.thread(thread);
        }
        int line = lines.number();
        switch (call) {
            case "malloc" -> blocks.allocated(Op.MALLOC, address, 0, number(words), line);
            case "calloc" -> blocks.allocated(Op.CALLOC, address, number(words), number(words), line);
            case "memalign" -> blocks.allocated(Op.MEMALIGN, address, number(words), number(words), line);
            case "realloc" -> blocks.reallocated(address(words), address, number(words), line);
            case "free" -> blocks.freed(address, line);
            case "thread_done" -> {} // A thread of the replay ends behind its last operation by itself.
            default -> throw new BadTrace("no call is named " + Lines.quote(call));
        }
    }

    private static long number(StringTokenizer words) throws BadTrace {
        return Numbers.decoded(word(words));
    }

    private static long address(StringTokenizer words) throws BadTrace {
        String word = word(words);
        try {
            return Long.parseUnsignedLong(word.startsWith("0x") ? word.substring(2) : word, HEXADECIMAL);
        } catch (NumberFormatException e) {
            throw new BadTrace("an address is hexadecimal, unlike " + Lines.quote(word), e);
        }
    }

    private static String word(StringTokenizer words) throws BadTrace {
        if (!words.hasMoreTokens()) {
            throw new BadTrace("the line ends where a number should be");
        }
        return words.nextToken();
    }
}
