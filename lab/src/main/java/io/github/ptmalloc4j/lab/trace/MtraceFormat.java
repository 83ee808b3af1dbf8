package io.github.ptmalloc4j.lab.trace;

import java.util.StringTokenizer;

/**
 * What the C library's mtrace(3) writes.
 *
 * <pre>
 *   = Start
 *   @ ./program:[0x11a0] + 0x5568172614a0 0x64     an allocation of any kind: address, bytes
 *   @ ./program:[0x11d8] - 0x5568172614a0          free
 *   @ ./program:[0x11b5] &lt; 0x5568172614a0          realloc of this block …
 *   @ ./program:[0x11b5] &gt; 0x5568172614a0 0x1388   … gave this one
 *   @ ./program:[0x1248] ! 0x5568172612a0 0x1000   realloc of this block was refused
 *   = End
 * </pre>
 */
final class MtraceFormat implements TraceFormat {
    private Lines lines;
    private AddressBook blocks;
    /** The block whose realloc has begun; 0 for none. */
    private long begun;

    @Override
    public Trace read(Lines text) throws BadTrace {
        lines = text;
        blocks = new AddressBook(lines.shortName());
        lines.forEach(line -> line(line.strip()));
        return blocks.build();
    }

    private void line(String line) throws BadTrace {
        if (line.isEmpty() || line.startsWith("= ")) {
            return;
        }
        StringTokenizer words = new StringTokenizer(afterCaller(line));
        String sign = words.hasMoreTokens() ? words.nextToken() : "";
        int number = lines.number();
        switch (sign) {
            case "+" -> {
                long address = number(words);
                blocks.allocated(Op.MALLOC, address, 0, number(words), number);
            }
            case "-" -> blocks.freed(number(words), number);
            case "<" -> begun = number(words);
            case ">" -> {
                long address = number(words);
                blocks.reallocated(begun, address, number(words), number);
                begun = 0;
            }
            case "!" -> {
                number(words);
                blocks.leaveOut();
            }
            default -> throw new BadTrace("no line of mtrace has the form " + Lines.quote(line));
        }
    }

    /** The line without {@code @ CALLER}, in whose path blanks may stand. */
    private static String afterCaller(String line) {
        if (!line.startsWith("@ ")) {
            return line;
        }
        int at = Math.max(line.lastIndexOf("] "), line.lastIndexOf(") "));
        return at > 0 ? line.substring(at + 2) : line.substring(line.indexOf(' ', 2) + 1);
    }

    private static long number(StringTokenizer words) throws BadTrace {
        if (!words.hasMoreTokens()) {
            throw new BadTrace("the line ends where a number should be");
        }
        return Numbers.decoded(words.nextToken());
    }
}
