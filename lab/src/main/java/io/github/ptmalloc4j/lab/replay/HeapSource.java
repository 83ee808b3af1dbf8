package io.github.ptmalloc4j.lab.replay;

import io.github.ptmalloc4j.Ptmalloc;
import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.MoreCore;
import io.github.ptmalloc4j.os.Os;
import io.github.ptmalloc4j.os.PrivateBreak;
import io.github.ptmalloc4j.os.ProgramBreak;
import io.github.ptmalloc4j.ptmalloc.Malloc;
import io.github.ptmalloc4j.ptmalloc.Tunables;

/**
 * Where the fresh heaps of a replay come from; the caller closes each before it opens the next.
 *
 * @param programBreak whether they use the break of the process, otherwise each reserves a private one
 * @param tunables their settings
 */
record HeapSource(boolean programBreak, Tunables tunables) {
    /** A fresh heap, straight on the kernel. */
    Malloc open() {
        return new Malloc(Linux.KERNEL, moreCore(Linux.KERNEL), tunables);
    }

    /** A fresh heap whose dealings with the kernel are counted from now on. */
    Malloc open(Footprint footprint) {
        Os os = new CountingOs(Linux.KERNEL, footprint);
        Malloc heap = new Malloc(os, new CountingMoreCore(moreCore(os), footprint), tunables);
        footprint.startOver();
        return heap;
    }

    private MoreCore moreCore(Os os) {
        return programBreak ? ProgramBreak.claim(os) : PrivateBreak.reserve(os, Ptmalloc.DEFAULT_RESERVATION);
    }
}
