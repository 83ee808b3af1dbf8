package io.github.ptmalloc4j.ptmalloc;

import static io.github.ptmalloc4j.ptmalloc.Chunk.MINSIZE;
import static io.github.ptmalloc4j.ptmalloc.Chunk.PREV_INUSE;
import static io.github.ptmalloc4j.ptmalloc.Chunk.SIZEOF_CHUNK;
import static io.github.ptmalloc4j.ptmalloc.Chunk.bk;
import static io.github.ptmalloc4j.ptmalloc.Chunk.chunkSize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.setHead;

import io.github.ptmalloc4j.os.MoreCore;
import io.github.ptmalloc4j.os.Os;

/** Memory back to the system: glibc's {@code systrim} for the top of the main arena, {@code mtrim} for what lies inside. */
final class Systrim {
    private Systrim() {}

    /**
     * Lowers the break, if it is still where top ends: past memory of somebody else's nothing can be given back.
     *
     * @param pad bytes of top to keep beyond the least; unsigned
     * @return whether memory was given back
     */
    static boolean systrim(MallocState av, long pad) {
        MallocPar mp = av.mp;
        long topSize = chunkSize(av.top);
        long topArea = topSize - MINSIZE - 1;
        if (Long.compareUnsigned(topArea, pad) <= 0) {
            return false;
        }
        long extra = topArea - pad & -mp.breakGranularity();
        if (extra == 0 || mp.morecore(0) != av.top + topSize) {
            return false;
        }
        long brk = av.top + topSize;
        mp.morecore(-extra);
        long newBrk = mp.morecore(0);
        if (newBrk == MoreCore.FAILURE || newBrk == brk) {
            return false;
        }
        // Ask where the break is instead of trusting the call: it may have done something else.
        long released = brk - newBrk;
        av.addSystemMem(-released);
        setHead(av.top, topSize - released | PREV_INUSE);
        assert CheckMallocState.mallocState(av);
        return true;
    }

    /**
     * malloc_trim(3) for one arena: merges the fast bins, gives the whole pages inside free chunks back and trims top.
     *
     * @return whether memory was given back
     */
    static boolean mtrim(MallocState av, long pad) {
        av.freeRemote();
        Fastbins.mallocConsolidate(av);
        boolean released = false;
        for (int i = 1; i < Bins.NBINS; i++) {
            // Smaller bins hold no chunk with a whole page in it.
            if (i == Bins.UNSORTED || i >= Bins.binIndex(av.mp.pagesize)) {
                released |= releasePages(av, av.binAt(i));
            }
        }
        return released | (av.isMain() && systrim(av, pad));
    }

    /** Everything that an idle arena can spare: {@link #mtrim} and all of top but the least. */
    static void purge(MallocState av) {
        mtrim(av, 0);
        if (!av.isMain()) {
            HeapTrim.heapTrim(av, 0, 0);
        }
    }

    private static boolean releasePages(MallocState av, long bin) {
        long pageMask = av.mp.pagesize - 1;
        boolean released = false;
        for (long p = Bins.last(bin); p != bin; p = bk(p)) {
            // The header and the list pointers must stay; so must the footer, which lies in the next chunk.
            long firstPage = p + SIZEOF_CHUNK + pageMask & ~pageMask;
            long pages = chunkSize(p) - (firstPage - p) & ~pageMask;
            if (pages > 0) {
                av.mp.os.madvise(firstPage, pages, Os.MADV_DONTNEED);
                released = true;
            }
        }
        return released;
    }
}
