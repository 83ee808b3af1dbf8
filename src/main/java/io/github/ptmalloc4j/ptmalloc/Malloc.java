package io.github.ptmalloc4j.ptmalloc;

import static io.github.ptmalloc4j.ptmalloc.Chunk.CHUNK_HDR_SZ;
import static io.github.ptmalloc4j.ptmalloc.Chunk.MALLOC_ALIGNMENT;
import static io.github.ptmalloc4j.ptmalloc.Chunk.MINSIZE;
import static io.github.ptmalloc4j.ptmalloc.Chunk.SIZE_SZ;
import static io.github.ptmalloc4j.ptmalloc.Chunk.chunk2mem;
import static io.github.ptmalloc4j.ptmalloc.Chunk.chunkSize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.mem2chunk;
import static io.github.ptmalloc4j.ptmalloc.Chunk.memSize;

import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.os.MoreCore;
import io.github.ptmalloc4j.os.Os;
import java.util.List;

/**
 * The calls of malloc(3) on one heap: the tcache first, then the arena. glibc's {@code __libc_malloc} and its sisters.
 *
 * <p>Programs use {@link io.github.ptmalloc4j.Ptmalloc}, where each call is described; this is the door of the engine, open
 * to tests that bring their own {@link Os} or {@link MoreCore}.
 */
public final class Malloc implements AutoCloseable {
    /** No memory: errno as in errno(3). */
    public static final int ENOMEM = 12;
    /** A bad argument: errno as in errno(3). */
    public static final int EINVAL = 22;

    private final MallocPar mp;
    private final MallocState mainArena;
    private final Tcache tcache;
    private final MoreCore moreCore;
    private final long breakStart;

    /**
     * A heap.
     *
     * @param os whom to ask for memory
     * @param moreCore the break of the main arena; closed with the heap
     * @param tunables the settings to begin with
     * @throws OutOfMemoryError if there is no page for the bins
     */
    public Malloc(Os os, MoreCore moreCore, Tunables tunables) {
        this.moreCore = moreCore;
        breakStart = moreCore.morecore(0);
        mp = new MallocPar(os, moreCore, tunables);
        try {
            mainArena = MallocState.main(mp);
        } catch (OutOfMemoryError e) {
            moreCore.close();
            throw e;
        }
        tcache = new Tcache(mp);
    }

    /** malloc(3). */
    public long malloc(long bytes) {
        long nb = RequestSize.toChunkSize(bytes);
        long index = Tcache.index(nb);
        return tcache.hasEntry(index) ? tcache.get(index) : mallocFromArena(bytes, nb);
    }

    private long mallocFromArena(long bytes, long nb) {
        mp.requireUsable();
        if (nb == RequestSize.TOO_LARGE) {
            return 0;
        }
        maybeInitTcache();
        return checked(ArenaMalloc.malloc(mainArena, tcache, bytes));
    }

    /** The thread's first call that may fill the tcache allocates its table. Without memory it tries again next time. */
    private void maybeInitTcache() {
        if (!tcache.isInitialised()) {
            long mem = ArenaMalloc.malloc(mainArena, tcache, Tcache.SIZEOF);
            if (mem != 0) {
                tcache.init(mem);
            }
        }
    }

    /** free(3). */
    public void free(long mem) {
        if (mem == 0) {
            return;
        }
        if (mp.isUnusable()) {
            mp.requireUsable();
        }
        long p = mem2chunk(mem);
        if (Chunk.isMmapped(p)) {
            MmappedChunk.adjustThresholds(mp, p);
            MmappedChunk.munmapChunk(mp, p);
        } else {
            maybeInitTcache();
            ArenaFree.free(mainArena, tcache, p, false);
        }
        checked(mem);
    }

    /** calloc(3). */
    public long calloc(long count, long bytes) {
        mp.requireUsable();
        long size = count * bytes;
        // glibc takes the product as a signed number: one above PTRDIFF_MAX has overflowed.
        if (size < 0 || Math.unsignedMultiplyHigh(count, bytes) != 0) {
            return 0;
        }
        maybeInitTcache();
        long oldTop = mainArena.top;
        long dirty = possiblyDirty(oldTop);
        long mem = ArenaMalloc.malloc(mainArena, tcache, size);
        if (mem != 0) {
            clear(mem, size, oldTop, dirty);
        }
        return checked(mem);
    }

    /** Bytes from {@code top} on that may have been used: what was ever below the break, the rest being new and zero. */
    private long possiblyDirty(long top) {
        long size = chunkSize(top);
        long everUsed = mp.sbrkBase + mainArena.maxSystemMem - top;
        return Long.compareUnsigned(size, everUsed) < 0 ? everUsed : size;
    }

    private void clear(long mem, long size, long oldTop, long dirty) {
        long p = mem2chunk(mem);
        if (Chunk.isMmapped(p)) {
            if (mp.perturbByte != 0) {
                Memory.fill(mem, size, (byte) 0);
            }
            return;
        }
        long chunk = chunkSize(p);
        if (mp.perturbByte == 0 && p == oldTop && Long.compareUnsigned(chunk, dirty) > 0) {
            chunk = dirty;
        }
        Memory.fill(mem, chunk - SIZE_SZ, (byte) 0);
    }

    /** realloc(3). */
    public long realloc(long mem, long bytes) {
        mp.requireUsable();
        if (mem == 0) {
            return malloc(bytes);
        }
        if (bytes == 0) {
            free(mem);
            return 0;
        }
        long p = mem2chunk(mem);
        long oldSize = chunkSize(p);
        boolean mmapped = Chunk.isMmapped(p);
        if (!mmapped) {
            maybeInitTcache();
        }
        if (Long.compareUnsigned(p, -oldSize) > 0 || Chunk.misaligned(p)) {
            throw mp.mallocPrinterr("realloc(): invalid pointer");
        }
        long nb = RequestSize.toChunkSize(bytes);
        if (nb == RequestSize.TOO_LARGE) {
            return 0;
        }
        return checked(
                mmapped
                        ? reallocMmapped(mem, p, oldSize, nb, bytes)
                        : ArenaRealloc.realloc(mainArena, tcache, p, oldSize, nb));
    }

    private long reallocMmapped(long mem, long p, long oldSize, long nb, long bytes) {
        long newp = MmappedChunk.mremapChunk(mp, p, RequestSize.bounded(nb));
        if (newp != 0) {
            return chunk2mem(newp);
        }
        if (Long.compareUnsigned(oldSize - SIZE_SZ, nb) >= 0) {
            return mem;
        }
        long newMem = malloc(bytes);
        if (newMem != 0) {
            Memory.copy(mem, newMem, oldSize - CHUNK_HDR_SZ);
            MmappedChunk.munmapChunk(mp, p);
        }
        return newMem;
    }

    /** memalign(3): any alignment, rounded up to a power of two; 0 also for one above 2^63. */
    public long memalign(long alignment, long bytes) {
        if (Long.compareUnsigned(alignment, MALLOC_ALIGNMENT) <= 0) {
            return malloc(bytes);
        }
        mp.requireUsable();
        if (alignment < 0 || alignment > 1L << 62) {
            // No address above 0 is a multiple of it.
            return 0;
        }
        long rounded = Math.max(MINSIZE, Long.highestOneBit(alignment - 1) << 1);
        return checked(ArenaMemalign.memalign(mainArena, tcache, rounded, bytes));
    }

    /** posix_memalign(3): the address, or −{@link #EINVAL} or −{@link #ENOMEM}. */
    public long posixMemalign(long alignment, long bytes) {
        if (alignment == 0 || alignment % SIZE_SZ != 0 || Long.bitCount(alignment) != 1) {
            return -EINVAL;
        }
        long mem = memalign(alignment, bytes);
        return mem == 0 ? -ENOMEM : mem;
    }

    /** valloc(3). */
    public long valloc(long bytes) {
        return memalign(mp.pagesize, bytes);
    }

    /** pvalloc(3), which until glibc 2.41 leaves the lowest bit of an odd rounded size standing. */
    public long pvalloc(long bytes) {
        long rounded = bytes + mp.pagesize - 1;
        return Long.compareUnsigned(rounded, bytes) < 0 ? 0 : memalign(mp.pagesize, rounded & -(mp.pagesize - 1));
    }

    /** malloc_usable_size(3). */
    public long mallocUsableSize(long mem) {
        mp.requireUsable();
        if (mem == 0) {
            return 0;
        }
        long p = mem2chunk(mem);
        if (Chunk.isMmapped(p)) {
            return chunkSize(p) - CHUNK_HDR_SZ;
        }
        return Chunk.inuse(p) ? memSize(p) : 0;
    }

    /** malloc_trim(3). */
    public boolean mallocTrim(long pad) {
        mp.requireUsable();
        boolean released = Systrim.mtrim(mainArena, pad);
        checked(0);
        return released;
    }

    /** mallopt(3). */
    public boolean mallopt(int parameter, int value) {
        mp.requireUsable();
        Fastbins.mallocConsolidate(mainArena);
        return mp.mallopt(parameter, value);
    }

    /** mallinfo2(3). */
    public Mallinfo2 mallinfo2() {
        mp.requireUsable();
        return MallocStatistics.mallinfo2(mainArena);
    }

    /** malloc_info(3). */
    public String mallocInfo() {
        mp.requireUsable();
        return MallocStatistics.mallocInfo(mainArena);
    }

    /** Every chunk in order of address, mmapped ones last. */
    public List<HeapChunk> walk() {
        mp.requireUsable();
        return HeapWalk.walk(mainArena, tcache);
    }

    /** Verifies every invariant; an {@link AssertionError} names the one that does not hold. */
    public void check() {
        mp.requireUsable();
        CheckMallocState.whole(mainArena, tcache);
    }

    /** With the tunable {@code check}, verifies the heap on the way out. */
    private long checked(long result) {
        if (mp.check != 0) {
            CheckMallocState.whole(mainArena, tcache);
        }
        return result;
    }

    /** Bytes. */
    public long mmapThreshold() {
        return mp.mmapThreshold;
    }

    /** Bytes. */
    public long trimThreshold() {
        return mp.trimThreshold;
    }

    /** Where the break was before the heap first moved it. */
    public long breakStart() {
        return breakStart;
    }

    /** Where the break is. */
    public long breakNow() {
        mp.requireUsable();
        return moreCore.morecore(0);
    }

    /** Unmaps everything and gives the break back. */
    @Override
    public void close() {
        if (mp.isClosed()) {
            return;
        }
        mp.close();
        for (long p : mp.mmappedChunks.chunks()) {
            mp.os.munmap(mp.mmappedChunks.blockOf(p), mp.mmappedChunks.lengthOf(p));
        }
        mainArena.unmapAreas();
        moreCore.close();
    }
}
