package io.github.ptmalloc4j.lab.conform;

import java.util.ArrayDeque;
import java.util.Queue;

/** The oracle's answers to one batch: a word array, because an object for each would be most of the cost. */
final class Answers {
    private final int from;
    private final long[] words;
    private final Queue<Statistics> statistics = new ArrayDeque<>();

    /** Room for {@code count} answers, the first of them to operation {@code from}. */
    Answers(int from, int count) {
        this.from = from;
        this.words = new long[count * Answer.WORDS];
    }

    void add(int index, long address, long usable, long head, long foot, long brk) {
        int word = (index - from) * Answer.WORDS;
        words[word] = address;
        words[word + 1] = usable;
        words[word + 2] = head;
        words[word + 3] = foot;
        words[word + 4] = brk;
    }

    /** The answer to the operation at {@code index} of the whole sequence. */
    Answer get(int index) {
        int word = (index - from) * Answer.WORDS;
        return new Answer(words[word], words[word + 1], words[word + 2], words[word + 3], words[word + 4]);
    }

    void addStatistics(Statistics more) {
        statistics.add(more);
    }

    /** The next statistics, in the order in which they were asked for. */
    Statistics nextStatistics() {
        return statistics.remove();
    }
}
