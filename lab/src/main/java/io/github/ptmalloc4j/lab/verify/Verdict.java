package io.github.ptmalloc4j.lab.verify;

/** What came of a claim. */
public enum Verdict {
    /** Every measurement is what was expected. */
    PROVED,
    /** A measurement is not what was expected, or the proof broke off. */
    FAILED,
    /** This machine lacks what the proof needs; the reason says what. */
    NOT_PROVABLE;

    /** As people read it. */
    @Override
    public String toString() {
        return name().replace('_', ' ');
    }
}
