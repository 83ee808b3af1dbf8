package io.github.ptmalloc4j.ptmalloc;

import static io.github.ptmalloc4j.ptmalloc.Chunk.CHUNK_HDR_SZ;
import static io.github.ptmalloc4j.ptmalloc.Chunk.MALLOC_ALIGNMENT;
import static io.github.ptmalloc4j.ptmalloc.Chunk.MALLOC_ALIGN_MASK;
import static io.github.ptmalloc4j.ptmalloc.Chunk.MINSIZE;
import static io.github.ptmalloc4j.ptmalloc.Chunk.NON_MAIN_ARENA;
import static io.github.ptmalloc4j.ptmalloc.Chunk.PREV_INUSE;
import static io.github.ptmalloc4j.ptmalloc.Chunk.chunk2mem;
import static io.github.ptmalloc4j.ptmalloc.Chunk.chunkSize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.setFoot;
import static io.github.ptmalloc4j.ptmalloc.Chunk.setHead;

import io.github.ptmalloc4j.os.MoreCore;
import io.github.ptmalloc4j.os.Os;

/**
 * Memory from the system: glibc's {@code sysmalloc}. A large request gets a mapping of its own. Else, in the main arena, the
 * break moves up and top grows; if the break cannot move, a mapping takes its place and the arena is contiguous no longer.
 * Another arena makes more of its heap accessible, or goes on in a new heap.
 */
final class Sysmalloc {
    /** The least that is mapped in place of the break: 1 MiB. */
    private static final long MMAP_AS_MORECORE_SIZE = 1L << 20;

    private Sysmalloc() {}

    /**
     * A chunk of {@code nb} bytes, from memory that the arena did not have before.
     *
     * @return the user's address, or 0 if there is no memory
     */
    static long sysmalloc(MallocState av, Tcache tcache, long nb) {
        MallocPar mp = av.mp;
        boolean triedMmap = av.isNone()
                || Long.compareUnsigned(nb, mp.mmapThreshold) >= 0 && mp.mmappedChunks.count() < mp.nMmapsMax;
        if (triedMmap) {
            long mem = asMmappedChunk(mp, nb);
            if (mem != 0 || av.isNone()) {
                return mem;
            }
        }
        requireSaneTop(av, nb);
        if (av.isMain()) {
            growMainArena(av, tcache, nb);
        } else if (!growHeap(av, nb) && !addHeap(av, tcache, nb) && !triedMmap) {
            long mem = MmappedChunk.sysmallocMmap(mp, nb, mp.pagesize, 0);
            if (mem != 0) {
                return mem;
            }
        }
        av.maxSystemMem = Long.compareUnsigned(av.systemMem, av.maxSystemMem) > 0 ? av.systemMem : av.maxSystemMem;
        assert CheckMallocState.mallocState(av);
        return ArenaMalloc.cutTop(av, av.top, chunkSize(av.top), nb);
    }

    private static long asMmappedChunk(MallocPar mp, long nb) {
        if (mp.hpPagesize != 0 && nb >= mp.hpPagesize) {
            long mem = MmappedChunk.sysmallocMmap(mp, nb, mp.hpPagesize, mp.hpFlags);
            if (mem != 0) {
                return mem;
            }
        }
        return MmappedChunk.sysmallocMmap(mp, nb, mp.pagesize, 0);
    }

    /** Top is either the dummy of an arena without memory, or ends on a page; and it is too small, or we were not here. */
    private static void requireSaneTop(MallocState av, long nb) {
        long top = av.top;
        long size = chunkSize(top);
        boolean dummy = top == av.initialTop() && size == 0;
        boolean real = size >= MINSIZE && Chunk.prevInuse(top) && (top + size & av.mp.pagesize - 1) == 0;
        av.mp.require(dummy || real, "sysmalloc", "top is the dummy, or a chunk that ends on a page");
        av.mp.require(size < nb + MINSIZE, "sysmalloc", "top is too small for the request");
    }

    /** Makes more of the arena's newest heap accessible. */
    private static boolean growHeap(MallocState av, long nb) {
        long oldTop = av.top;
        long missing = MINSIZE + nb - chunkSize(oldTop);
        long heap = HeapInfo.heapForPtr(av.mp, oldTop);
        long oldHeapSize = HeapInfo.size(heap);
        if (missing <= 0 || !HeapInfo.growHeap(av.mp, heap, missing)) {
            return false;
        }
        av.addSystemMem(HeapInfo.size(heap) - oldHeapSize);
        setHead(oldTop, HeapInfo.end(heap) - oldTop | PREV_INUSE);
        return true;
    }

    /** Goes on in a new heap. */
    private static boolean addHeap(MallocState av, Tcache tcache, long nb) {
        long heap = HeapInfo.newHeap(av.mp, nb + MINSIZE + HeapInfo.SIZEOF, av.mp.topPad);
        if (heap == 0) {
            return false;
        }
        long oldTop = av.top;
        HeapInfo.setArena(heap, av);
        HeapInfo.setPrev(heap, HeapInfo.heapForPtr(av.mp, oldTop));
        av.addSystemMem(HeapInfo.size(heap));
        av.top = heap + HeapInfo.SIZEOF;
        setHead(av.top, HeapInfo.size(heap) - HeapInfo.SIZEOF | PREV_INUSE);
        retireInHeap(av, tcache, oldTop);
        return true;
    }

    /**
     * Closes a heap: a header of size 0 ends it, one of size 16 before it keeps the freed rest from merging; see
     * {@link HeapTrim}, which finds its way back by them.
     */
    private static void retireInHeap(MallocState av, Tcache tcache, long oldTop) {
        long size = chunkSize(oldTop) - MINSIZE & ~MALLOC_ALIGN_MASK;
        setHead(oldTop + size + CHUNK_HDR_SZ, PREV_INUSE);
        if (size >= MINSIZE) {
            setHead(oldTop + size, CHUNK_HDR_SZ | PREV_INUSE);
            setFoot(oldTop + size, CHUNK_HDR_SZ);
            setHead(oldTop, size | PREV_INUSE | NON_MAIN_ARENA);
            ArenaFree.freeLocked(av, tcache, oldTop);
        } else {
            setHead(oldTop, size + CHUNK_HDR_SZ | PREV_INUSE);
            setFoot(oldTop, size + CHUNK_HDR_SZ);
        }
    }

    private static void growMainArena(MallocState av, Tcache tcache, long nb) {
        MallocPar mp = av.mp;
        long oldSize = chunkSize(av.top);
        long oldEnd = av.top + oldSize;
        // A contiguous arena needs only what top lacks.
        long size = nb + mp.topPad + MINSIZE - (av.isContiguous() ? oldSize : 0);
        size = roundToBreak(mp, size);
        long brk = size > 0 ? mp.morecore(size) : MoreCore.FAILURE;
        if (brk == MoreCore.FAILURE) {
            mmapInsteadOfBreak(av, tcache, nb, size, oldSize);
            return;
        }
        mp.madviseThp(brk, size);
        recordBase(mp, brk);
        av.addSystemMem(size);
        if (brk == oldEnd) {
            setHead(av.top, size + oldSize | PREV_INUSE);
        } else if (av.isContiguous() && oldSize != 0 && Long.compareUnsigned(brk, oldEnd) < 0) {
            throw mp.mallocPrinterr("break adjusted to free malloc space");
        } else {
            startNewTop(av, tcache, brk, size, oldSize, oldEnd);
        }
    }

    private static long roundToBreak(MallocPar mp, long size) {
        if (mp.thpPagesize == 0) {
            return size + mp.pagesize - 1 & -mp.pagesize;
        }
        // The break itself, not the size, is to end on a huge page.
        long brk = mp.morecore(0);
        return (brk + size + mp.thpPagesize - 1 & -mp.thpPagesize) - brk;
    }

    private static void recordBase(MallocPar mp, long brk) {
        if (mp.sbrkBase == 0) {
            mp.sbrkBase = brk;
        }
    }

    /** The first memory at all, or the break was moved by somebody else, or the arena is in pieces: top starts anew. */
    private static void startNewTop(MallocState av, Tcache tcache, long brk, long size, long oldSize, long oldEnd) {
        MallocPar mp = av.mp;
        if (!av.isContiguous()) {
            installTop(av, tcache, brk, mp.morecore(0), 0);
            return;
        }
        if (oldSize != 0) {
            // The gap that the other one left counts as ours.
            av.addSystemMem(brk - oldEnd);
        }
        long misalign = chunk2mem(brk) & MALLOC_ALIGN_MASK;
        long skip = misalign == 0 ? 0 : MALLOC_ALIGNMENT - misalign;
        // The old top was subtracted from the request and cannot be used: ask for it again, up to the end of a page.
        long correction = skip + oldSize;
        long end = brk + size + correction;
        long granularity = mp.breakGranularity();
        correction += (end + granularity - 1 & -granularity) - end;
        long sndBrk = mp.morecore(correction);
        if (sndBrk == MoreCore.FAILURE) {
            correction = 0;
            sndBrk = mp.morecore(0);
        } else {
            mp.madviseThp(sndBrk, correction);
        }
        installTop(av, tcache, brk + skip, sndBrk, correction);
    }

    /**
     * A mapping in place of a break that does not move. glibc 2.35 to 2.37 pass unit and minimum in the wrong order, and so
     * what stands in for the break is rounded to 1 MiB and may be as small as a page; that is reproduced here.
     */
    private static void mmapInsteadOfBreak(MallocState av, Tcache tcache, long nb, long size, long oldSize) {
        MallocPar mp = av.mp;
        long length = 0;
        long brk = Os.MAP_FAILED;
        if (mp.hpPagesize != 0) {
            length = fallbackSize(av, size, oldSize, mp.hpPagesize, mp.hpPagesize);
            brk = mmapArea(mp, length, nb, mp.hpFlags);
        }
        if (brk == Os.MAP_FAILED) {
            length = fallbackSize(av, size, oldSize, mp.pagesize, MMAP_AS_MORECORE_SIZE);
            brk = mmapArea(mp, length, nb, 0);
        }
        if (brk == Os.MAP_FAILED) {
            return;
        }
        mp.madviseThp(brk, length);
        av.setNoncontiguous();
        av.addMappedArea(brk, length);
        recordBase(mp, brk);
        av.addSystemMem(length);
        installTop(av, tcache, brk, brk + length, 0);
    }

    /** Bytes to map: an old top that cannot be extended was subtracted and is added again. */
    private static long fallbackSize(MallocState av, long size, long oldSize, long minimum, long unit) {
        long length = av.isContiguous() ? size + oldSize + unit - 1 & -unit : size;
        return Long.compareUnsigned(length, minimum) < 0 ? minimum : length;
    }

    private static long mmapArea(MallocPar mp, long length, long nb, int flags) {
        return Long.compareUnsigned(length, nb) <= 0 ? Os.MAP_FAILED : mp.mmap(length, flags);
    }

    /**
     * Top begins at {@code start} from now on; the old top becomes an ordinary free chunk.
     *
     * @param sndBrk where the break was before the correction: what lies up to there and the correction are top
     */
    private static void installTop(MallocState av, Tcache tcache, long start, long sndBrk, long correction) {
        if (sndBrk == MoreCore.FAILURE) {
            return;
        }
        long oldTop = av.top;
        long oldSize = chunkSize(oldTop);
        av.top = start;
        av.addArea(start);
        setHead(start, sndBrk - start + correction | PREV_INUSE);
        av.addSystemMem(correction);
        if (oldSize != 0) {
            retire(av, tcache, oldTop, oldSize);
        }
    }

    /**
     * Closes an area: two headers that look in use keep everybody from merging past its end, the rest of the old top is
     * freed.
     *
     * <pre>
     *   │ old top, freed            │ 16 ┊ P │ 16 ┊ P │ somebody else's
     * </pre>
     */
    private static void retire(MallocState av, Tcache tcache, long oldTop, long oldTopSize) {
        long size = oldTopSize - 2 * CHUNK_HDR_SZ & ~MALLOC_ALIGN_MASK;
        setHead(oldTop, size | PREV_INUSE);
        setHead(oldTop + size, CHUNK_HDR_SZ | PREV_INUSE);
        setHead(oldTop + size + CHUNK_HDR_SZ, CHUNK_HDR_SZ | PREV_INUSE);
        if (size >= MINSIZE) {
            ArenaFree.freeLocked(av, tcache, oldTop);
        }
    }
}
