package io.github.ptmalloc4j.lab.replay;

/** The heap did something that it must not do; the message is a sentence with trace, operation and block. */
final class ReplayFailure extends Exception {
    private static final long serialVersionUID = 1;

    ReplayFailure(String sentence) {
        super(sentence);
    }

    ReplayFailure(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
