package io.github.ptmalloc4j.lab.trace;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What valgrind --trace-malloc=yes writes, between its other messages and the program's own.
 *
 * <pre>
 *   --77-- malloc(100) = 0x4A40040
 *   --77-- calloc(3,50) = 0x4A414C0
 *   --77-- realloc(0x4A40040,5000) = 0x4A400F0
 *   --77-- realloc(0x0,33)malloc(33) = 0x4A416D0
 *   --77-- realloc(0x4A400F0,0)free(0x4A400F0)      the rest, " = 0", on a line of its own
 *   --77-- memalign(al 64, size 100) = 0x4A41600
 *   --77-- _Znwm(4) = 0x4D6EC80                     new; _Zna new[], _Zdl delete, _Zda delete[]
 *   --77-- _ZdlPvm(0x4D6EC80)
 *   --77-- free(0x4A41600)
 * </pre>
 *
 * <p>Only the calls of the process whose line comes first are taken; those of its children are counted as left out. valgrind runs
 * one thread at a time and does not say which.
 */
final class ValgrindFormat implements TraceFormat {
    private static final Pattern CALL = Pattern.compile("--(\\d+)--\\s+(?:realloc\\(0x0,\\d+\\))?"
            + "(malloc|calloc|realloc|memalign|posix_memalign|aligned_alloc|valloc|free|_Zn[wa]\\w*|_Zd[la]\\w*)"
            + "\\((.*)");
    private static final Pattern ALLOCATION = Pattern.compile("(\\d+)\\) = (0x[0-9A-Fa-f]+)");
    private static final Pattern CALLOC = Pattern.compile("(\\d+),\\s*(\\d+)\\) = (0x[0-9A-Fa-f]+)");
    private static final Pattern REALLOC = Pattern.compile("(0x[0-9A-Fa-f]+),\\s*(\\d+)\\) = (0x[0-9A-Fa-f]+)");
    private static final Pattern REALLOC_TO_NOTHING = Pattern.compile("(0x[0-9A-Fa-f]+),\\s*0\\)free\\(.*");
    private static final Pattern FREE = Pattern.compile("(0x[0-9A-Fa-f]+)\\).*");
    private static final Pattern ALIGNED = Pattern.compile("al\\w* (\\d+), size (\\d+)\\) = (0x[0-9A-Fa-f]+)");
    private static final Pattern ALIGNED_NEW = Pattern.compile("size (\\d+), al\\w* (\\d+)\\) = (0x[0-9A-Fa-f]+)");

    private Lines lines;
    private AddressBook blocks;
    private String process;

    @Override
    public Trace read(Lines text) throws BadTrace {
        lines = text;
        blocks = new AddressBook(lines.shortName());
        lines.forEach(line -> {
            Matcher call = CALL.matcher(line.stripTrailing());
            if (call.matches()) {
                call(call.group(1), call.group(2), call.group(3));
            }
        });
        return blocks.build();
    }

    private void call(String pid, String name, String rest) throws BadTrace {
        process = process == null ? pid : process;
        if (!process.equals(pid)) {
            blocks.leaveOut();
            return;
        }
        int line = lines.number();
        if (name.equals("free") || name.startsWith("_Zd")) {
            blocks.freed(number(match(FREE, name, rest), 1), line);
        } else if (name.equals("calloc")) {
            Matcher m = match(CALLOC, name, rest);
            blocks.allocated(Op.CALLOC, number(m, 3), number(m, 1), number(m, 2), line);
        } else if (name.equals("realloc")) {
            reallocate(rest, line);
        } else if (rest.startsWith("al")) {
            Matcher m = match(ALIGNED, name, rest);
            blocks.allocated(Op.MEMALIGN, number(m, 3), number(m, 1), number(m, 2), line);
        } else if (rest.startsWith("size")) {
            Matcher m = match(ALIGNED_NEW, name, rest);
            blocks.allocated(Op.MEMALIGN, number(m, 3), number(m, 2), number(m, 1), line);
        } else {
            Matcher m = match(ALLOCATION, name, rest);
            blocks.allocated(name.equals("valloc") ? Op.VALLOC : Op.MALLOC, number(m, 2), 0, number(m, 1), line);
        }
    }

    private void reallocate(String rest, int line) throws BadTrace {
        Matcher toNothing = REALLOC_TO_NOTHING.matcher(rest);
        if (toNothing.matches()) {
            blocks.reallocated(number(toNothing, 1), 0, 0, line);
        } else {
            Matcher m = match(REALLOC, "realloc", rest);
            blocks.reallocated(number(m, 1), number(m, 3), number(m, 2), line);
        }
    }

    private static Matcher match(Pattern pattern, String name, String rest) throws BadTrace {
        Matcher matcher = pattern.matcher(rest);
        if (!matcher.matches()) {
            throw new BadTrace("valgrind writes no call as " + Lines.quote(name + "(" + rest));
        }
        return matcher;
    }

    private static long number(Matcher matcher, int group) throws BadTrace {
        return Numbers.decoded(matcher.group(group));
    }
}
