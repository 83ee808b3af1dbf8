package io.github.ptmalloc4j.lab.conform;

import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.PrivateBreak;
import io.github.ptmalloc4j.os.ProgramBreak;

/** On which break our engine runs. The oracle's is always the program break of its own process. */
public enum BreakKind {
    /** A reserved range: any number at a time. */
    PRIVATE,
    /** The break of this JVM, which must have been kept free for it. */
    PROGRAM;

    /** What lies less than this behind the start of a private heap is the break's own, and no mapping: bytes. */
    static final long RESERVATION = 16L << 30;

    /** Takes the break; {@link IllegalStateException} if it cannot be had. */
    WalledBreak open() {
        return new WalledBreak(
                switch (this) {
                    // The heap starts at the first aligned address in it.
                    case PRIVATE -> PrivateBreak.reserve(Linux.KERNEL, RESERVATION + PlacedMappings.ALIGNMENT);
                    case PROGRAM -> ProgramBreak.claim(Linux.KERNEL);
                });
    }
}
