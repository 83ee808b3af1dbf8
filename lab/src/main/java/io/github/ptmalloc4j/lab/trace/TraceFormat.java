package io.github.ptmalloc4j.lab.trace;

/** One way to write a trace down, as lines of text. */
interface TraceFormat {
    /**
     * Reads a whole trace.
     *
     * @throws BadTrace with file and line, if the text is not of this form or breaks a rule of {@link TraceBuilder}
     */
    Trace read(Lines lines) throws BadTrace;
}
