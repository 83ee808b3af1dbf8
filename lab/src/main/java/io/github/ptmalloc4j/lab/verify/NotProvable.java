package io.github.ptmalloc4j.lab.verify;

/** This machine cannot prove the claim; the message is the reason. */
public final class NotProvable extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** A reason that completes the sentence "not provable here: …". */
    public NotProvable(String reason) {
        super(reason);
    }
}
