package io.github.ptmalloc4j.lab.trace;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;

/**
 * What heaptrack writes, raw or interpreted; all numbers are hexadecimal.
 *
 * <pre>
 *   v 10400 3            versions of heaptrack and of the form
 *   + 1d8 7 556ce77141e0 raw: bytes, where from, address
 *   - 556ce77141e0       raw: free
 *   a 1d8 7              interpreted: a kind of allocation, bytes and where from
 *   + 1                  interpreted: an allocation of kind 1, the second a line
 *   - 1                  interpreted: the oldest block of that kind is freed
 * </pre>
 *
 * <p>Lines of any other letter tell of modules, stacks, time and the process; they have no place in a replay. heaptrack writes a
 * calloc and an aligned allocation as an allocation, a realloc as a free and an allocation, and no threads.
 */
final class HeaptrackFormat implements TraceFormat {
    private static final int HEXADECIMAL = 16;

    private Lines lines;
    private AddressBook blocks;
    /** Interpreted: bytes and live blocks by kind. */
    private final List<Kind> kinds = new ArrayList<>();

    private long nextAddress = 1;

    @Override
    public Trace read(Lines text) throws BadTrace {
        lines = text;
        blocks = new AddressBook(lines.shortName());
        lines.forEach(line -> {
            if (line.length() > 1 && line.charAt(1) == ' ') {
                line(line.charAt(0), new StringTokenizer(line.substring(2)));
            } else if (line.startsWith("+") || line.startsWith("-")) {
                throw new BadTrace("a line of heaptrack has numbers behind its letter, not " + Lines.quote(line));
            }
        });
        return blocks.build();
    }

    private void line(char letter, StringTokenizer words) throws BadTrace {
        switch (letter) {
            case 'a' -> kinds.add(new Kind(number(words)));
            case '+' -> allocate(words);
            case '-' -> free(words);
            default -> {}
        }
    }

    private void allocate(StringTokenizer words) throws BadTrace {
        if (words.countTokens() == 1) {
            Kind kind = kind(words);
            kind.live.add(nextAddress);
            blocks.allocated(Op.MALLOC, nextAddress++, 0, kind.bytes, lines.number());
        } else {
            long bytes = number(words);
            number(words);
            blocks.allocated(Op.MALLOC, number(words), 0, bytes, lines.number());
        }
    }

    private void free(StringTokenizer words) throws BadTrace {
        if (kinds.isEmpty()) {
            blocks.freed(number(words), lines.number());
            return;
        }
        Kind kind = kind(words);
        if (kind.live.isEmpty()) {
            blocks.leaveOut();
        } else {
            blocks.freed(kind.live.removeFirst(), lines.number());
        }
    }

    private Kind kind(StringTokenizer words) throws BadTrace {
        long index = number(words);
        if (index < 0 || index >= kinds.size()) {
            throw new BadTrace("there is no allocation %x: the file has told of %d".formatted(index, kinds.size()));
        }
        return kinds.get((int) index);
    }

    private static long number(StringTokenizer words) throws BadTrace {
        if (!words.hasMoreTokens()) {
            throw new BadTrace("the line ends where a number should be");
        }
        String word = words.nextToken();
        try {
            return Long.parseUnsignedLong(word, HEXADECIMAL);
        } catch (NumberFormatException e) {
            throw new BadTrace("heaptrack's numbers are hexadecimal, unlike " + Lines.quote(word), e);
        }
    }

    private static final class Kind {
        final long bytes;
        final ArrayDeque<Long> live = new ArrayDeque<>();

        Kind(long bytes) {
            this.bytes = bytes;
        }
    }
}
