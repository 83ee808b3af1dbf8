package io.github.ptmalloc4j.lab.verify;

import io.github.ptmalloc4j.Ptmalloc;
import io.github.ptmalloc4j.os.ProgramBreak;
import io.github.ptmalloc4j.ptmalloc.Malloc;
import io.github.ptmalloc4j.ptmalloc.Tunables;

/**
 * The heap on the program break, for proofs. A refusal is the machine's fault: the child was started as the heap asks.
 */
final class Heaps {
    private Heaps() {}

    /** With glibc's defaults. */
    static Ptmalloc onProgramBreak() {
        return onProgramBreak(Tunables.GLIBC);
    }

    static Ptmalloc onProgramBreak(Tunables tunables) {
        try {
            return Ptmalloc.onProgramBreak(tunables);
        } catch (IllegalStateException e) {
            throw new NotProvable(e.getMessage());
        }
    }

    /** The engine below the same heap, with its way to the kernel observed. */
    static Malloc onProgramBreak(CountingOs os, Tunables tunables) {
        try {
            return new Malloc(os, ProgramBreak.claim(os), tunables);
        } catch (IllegalStateException e) {
            throw new NotProvable(e.getMessage());
        }
    }
}
