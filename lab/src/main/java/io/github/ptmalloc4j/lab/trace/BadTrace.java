package io.github.ptmalloc4j.lab.trace;

/** A trace that cannot be replayed; the message is one sentence, behind the file and the line where both are known. */
public final class BadTrace extends Exception {
    private static final long serialVersionUID = 1;

    BadTrace(String sentence) {
        super(sentence);
    }

    BadTrace(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
