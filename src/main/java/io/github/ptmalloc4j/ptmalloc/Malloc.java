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
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

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

    /** In place of an alignment: what malloc gives. */
    static final long NO_ALIGNMENT = 0;

    /** 2^63, the largest power of two, unsigned. */
    private static final long LARGEST_POWER = Long.MIN_VALUE;

    final MallocPar mp;
    final Threads threads;
    final Arenas arenas;
    /** Those of {@link Threads}. */
    private final Tcache[] places;

    /**
     * Of the thread that first had one, and that thread's number: it looks here before it looks there. The number stands here
     * too because the tcache itself is written all the time, and other threads are not to read it.
     */
    private Tcache first;

    private long firstThread;

    private final MoreCore moreCore;
    private final long breakStart;

    /**
     * A heap. The thread that makes it is its main thread: the one that the main arena serves.
     *
     * @param os whom to ask for memory
     * @param moreCore the break of the main arena; closed with the heap
     * @param tunables the settings to begin with
     * @throws OutOfMemoryError if there is no page for the bins
     */
    public Malloc(Os os, MoreCore moreCore, Tunables tunables) {
        this(os, moreCore, tunables, MallocObserver.NONE);
    }

    /**
     * A heap that is watched.
     *
     * @param observer hears of arenas and of requests that found no memory
     * @throws OutOfMemoryError if there is no page for the bins
     */
    public Malloc(Os os, MoreCore moreCore, Tunables tunables, MallocObserver observer) {
        this.moreCore = moreCore;
        try {
            breakStart = moreCore.morecore(0);
            mp = new MallocPar(os, moreCore, breakStart, tunables, observer);
            threads = new Threads(mp);
            places = threads.places;
            arenas = new Arenas(mp, threads);
        } catch (RuntimeException | Error e) {
            moreCore.close();
            throw e;
        }
        mp.arenas = arenas;
        if (tunables.purgeMillis() > 0) {
            IdlePurge.start(arenas, tunables.purgeMillis());
        }
    }

    /** The same heap with blocks that can be recognised; see {@link SealedMalloc}. */
    public SealedMalloc sealed() {
        return new SealedMalloc(this, mp, threads, arenas);
    }

    /** The same heap with blocks that are freed together; see {@link LinkedMalloc}. */
    public LinkedMalloc linked() {
        return new LinkedMalloc(this, mp, threads);
    }

    /**
     * The calling thread's tcache, or one that is never open. It stands here and not in {@link Threads} because what it loads is
     * loaded one after the other, and a call can do nothing before.
     */
    Tcache tcache() {
        Thread thread = Thread.currentThread();
        long id = thread.threadId();
        return firstThread == id ? first : atItsPlace(thread, id);
    }

    /** Apart, so that where one thread allocates its calls do not carry this. */
    private Tcache atItsPlace(Thread thread, long id) {
        Tcache found = places[Threads.place(id)];
        return found.threadId == id ? found : threads.lookUp(thread, id);
    }

    /** The calling thread is inside until it {@linkplain Threads#leave leaves}. */
    PerThread enter() {
        return threads.enter(tcache());
    }

    /** malloc(3). */
    public long malloc(long bytes) {
        Tcache tcache = tcache();
        long mem = tcache.malloc(TcacheBins.smallIndex(RequestSize.toChunkSize(bytes)), tcache.open());
        return mem != 0 ? mem : mallocLarge(tcache, bytes);
    }

    private long mallocLarge(Tcache tcache, long bytes) {
        long mem = tcache.mallocLarge(bytes);
        return mem != 0 ? mem : allocate(tcache, NO_ALIGNMENT, bytes, bytes);
    }

    /**
     * Past the tcache: from the thread's arena, or another if that one has no memory.
     *
     * @param alignment more than malloc gives; or {@link #NO_ALIGNMENT}
     * @param asked the part of {@code bytes} that the user asked for: what the observer is told
     */
    long allocate(long alignment, long bytes, long asked) {
        return allocate(tcache(), alignment, bytes, asked);
    }

    private long allocate(Tcache place, long alignment, long bytes, long asked) {
        PerThread t = threads.enter(place);
        try {
            mp.requireUsable();
            if (alignment == NO_ALIGNMENT) {
                if (bytes < 0) {
                    return found(t, 0, bytes, asked, Sampler.NOT_CHOSEN);
                }
                maybeInitTcache(t);
            }
            if (mp.cachesMore || mp.samplePeriod != 0 || t.tcache.isStopped()) {
                return allocateOrTake(t, alignment, bytes, asked);
            }
            return found(t, checked(fromArenas(t, alignment, bytes)), bytes, asked, Sampler.NOT_CHOSEN);
        } finally {
            threads.leave(t);
        }
    }

    /** Where a tcache may have a chunk after all: stopped for the sampler's sake, withheld when the call began, or another's. */
    private long allocateOrTake(PerThread t, long alignment, long bytes, long asked) {
        long rounded = alignment == NO_ALIGNMENT ? mp.roundedUp(bytes) : bytes;
        long index = TcacheBins.index(RequestSize.toChunkSize(rounded));
        if (mp.tcacheTransfer != 0 && alignment == NO_ALIGNMENT) {
            t.tcache.takeOver(index, arenas.transfer);
        }
        boolean cached = alignment == NO_ALIGNMENT && t.tcache.hasEntry(index);
        long weight = choose(t, asked, true, cached && index < TcacheBins.SMALL_BINS);
        long request = toTrack(rounded, weight);
        long mem = cached && request == rounded ? t.tcache.get(index) : fromArenas(t, alignment, request);
        return found(t, checked(mem), bytes, asked, weight);
    }

    /** As {@link Sampler#choose}, or at once {@link Sampler#NOT_CHOSEN} where nobody samples. */
    private long choose(PerThread t, long asked, boolean counted, boolean cached) {
        if (mp.samplePeriod == 0 && !t.tcache.isStopped() || asked < 0) {
            return Sampler.NOT_CHOSEN;
        }
        if (cached) {
            return t.sampler.chooseCached(asked);
        }
        if (!t.isNobody()) {
            return t.sampler.choose(asked, counted);
        }
        synchronized (t.sampler) {
            return t.sampler.choose(asked, counted);
        }
    }

    /**
     * What to ask for in place of {@code bytes}. A block whose free is to be seen is larger than any that a tcache takes, or no
     * tcache is used at all.
     */
    private long toTrack(long bytes, long weight) {
        if (weight == Sampler.NOT_CHOSEN || !mp.tracking || mp.samplePeriod == 1) {
            return bytes;
        }
        return Math.max(bytes, mp.uncachedRequest);
    }

    private long fromArenas(PerThread t, long alignment, long bytes) {
        MallocState av = lockArena(t, alignment, bytes);
        long mem = allocateAndUnlock(av, t.tcache, alignment, bytes);
        return mem != 0 ? mem : fromOtherArenas(t, av, alignment, bytes);
    }

    private MallocState lockArena(PerThread t, long alignment, long bytes) {
        return arenas.lock(t, alignment == NO_ALIGNMENT ? bytes : bytes + alignment + MINSIZE);
    }

    private long fromOtherArenas(PerThread t, MallocState failed, long alignment, long bytes) {
        MallocState av = arenas.lockForRetry(t, failed, bytes);
        long mem = av == null ? 0 : allocateAndUnlock(av, t.tcache, alignment, bytes);
        if (mem == 0 && arenas.transfer.flush(arenas::free)) {
            // What waited for other threads may be what was missing.
            mem = allocateAndUnlock(lockArena(t, alignment, bytes), t.tcache, alignment, bytes);
        }
        return mem;
    }

    private static long allocateAndUnlock(MallocState av, Tcache tcache, long alignment, long bytes) {
        try {
            return alignment == NO_ALIGNMENT
                    ? ArenaMalloc.malloc(av, tcache, bytes)
                    : ArenaMemalign.memalign(av, tcache, alignment, bytes);
        } finally {
            av.lock.unlock();
        }
    }

    /** The thread's first call that may fill the tcache allocates its table. Without memory it tries again next time. */
    private void maybeInitTcache(PerThread t) {
        if (!t.tcache.isInitialised() && !t.isNobody()) {
            long mem = fromArenas(t, NO_ALIGNMENT, t.tcache.sizeofTable());
            if (mem != 0) {
                t.tcache.init(mem);
                bringForward(t.tcache);
            }
        }
    }

    /** Unless the thread that is first lives. Only the thread whose number stands there relies on the two fields. */
    private synchronized void bringForward(Tcache tcache) {
        if (firstThread == 0 || first.owner.liveThread() == null) {
            first = tcache;
            firstThread = tcache.threadId;
        }
    }

    /** free(3). */
    public void free(long mem) {
        Tcache tcache = tcache();
        if (!tcache.free(mem) && mem != 0) {
            free(tcache, mem);
        }
    }

    /** To a large stack, or past the tcache; or to it after all if that only looked as if it had to be refused. */
    private void free(Tcache tcache, long mem) {
        if (tcache.freeLarge(mem)) {
            return;
        }
        if (!tcache.isOpen()) {
            freeSlowly(mem);
            return;
        }
        long p = mem2chunk(mem);
        long head = Chunk.sizeField(p);
        if ((head & Chunk.IS_MMAPPED) != 0) {
            freeSlowly(mem);
            return;
        }
        tcache.frees++;
        forget(mem, head);
        toTcacheOrArena(tcache, p, head);
    }

    /** A mapped chunk, or the thread's first call, or a thread without a tcache. */
    private void freeSlowly(long mem) {
        PerThread t = enter();
        try {
            mp.requireUsable();
            mp.calls.free(t);
            long p = mem2chunk(mem);
            long head = Chunk.sizeField(p);
            forget(mem, head);
            if ((head & Chunk.IS_MMAPPED) != 0) {
                MmappedChunk.adjustThresholds(mp, p);
                MmappedChunk.munmapChunk(mp, p);
                checked(mem);
                return;
            }
            maybeInitTcache(t);
            toTcacheOrArena(t.tcache, p, head);
        } finally {
            threads.leave(t);
        }
    }

    /** Tells the observer of a free, if the block may be one that it was told of: see {@link #toTrack}. */
    private void forget(long mem, long head) {
        if (mp.tracking && (head >= mp.uncachedRequest || mp.samplePeriod == 1)) {
            mp.observer.freed(mem);
        }
    }

    private void toTcacheOrArena(Tcache tcache, long p, long head) {
        long size = head & ~Chunk.SIZE_BITS;
        if (ArenaFree.toTcache(mp, tcache, p, size)) {
            return;
        }
        long index = TcacheBins.exactIndex(size);
        if (mp.tcacheTransfer != 0 && tcache.handOver(index, arenas.transfer)) {
            tcache.put(p, index);
            return;
        }
        int chunks = tcache.toFlush(index);
        if (chunks != 0) {
            arenas.flush(tcache, index, chunks);
            tcache.put(p, index);
        } else {
            arenas.free(p, head);
        }
        checked(p);
    }

    /** calloc(3). */
    public long calloc(long count, long bytes) {
        long size = count * bytes;
        // glibc takes the product as a signed number: one above PTRDIFF_MAX has overflowed.
        boolean overflow = size < 0 || Math.unsignedMultiplyHigh(count, bytes) != 0;
        return zeroed(overflow ? -1 : size, size);
    }

    /**
     * As {@link #calloc}.
     *
     * @param size bytes; negative, too many
     * @param asked the part of them that the user asked for
     */
    long zeroed(long size, long asked) {
        Tcache tcache = tcache();
        // As in glibc 2.36, small blocks do not come from the tcache.
        long cached = size < mp.uncachedRequest ? 0 : tcache.mallocLarge(size);
        if (cached != 0) {
            Memory.fill(cached, size, (byte) 0);
            return cached;
        }
        PerThread t = threads.enter(tcache);
        try {
            mp.requireUsable();
            if (size < 0) {
                return found(t, 0, size, asked, Sampler.NOT_CHOSEN);
            }
            maybeInitTcache(t);
            long weight = choose(t, asked, true, false);
            long request = toTrack(mp.roundedUp(size), weight);
            MallocState av = arenas.lock(t, request);
            long mem = callocAndUnlock(av, t.tcache, request);
            if (mem == 0) {
                mem = zeroedFromOtherArenas(t, av, request);
            }
            return found(t, checked(mem), size, asked, weight);
        } finally {
            threads.leave(t);
        }
    }

    private long zeroedFromOtherArenas(PerThread t, MallocState failed, long bytes) {
        MallocState av = arenas.lockForRetry(t, failed, bytes);
        long mem = av == null ? 0 : callocAndUnlock(av, t.tcache, bytes);
        if (mem == 0 && arenas.transfer.flush(arenas::free)) {
            mem = callocAndUnlock(arenas.lock(t, bytes), t.tcache, bytes);
        }
        return mem;
    }

    /** On the way out of a request that no tcache answered. */
    private long found(PerThread t, long mem, long bytes, long asked, long weight) {
        if (mem == 0) {
            failed(bytes);
            return 0;
        }
        mp.calls.malloc(t, mem, bytes);
        if (weight != Sampler.NOT_CHOSEN) {
            mp.observer.sampled(mem, asked, weight);
        }
        return mem;
    }

    /**
     * From now on tells the observer of a request now and then; see {@link Sampler}.
     *
     * @param period bytes from one sample to the next, on average; 1, every request; 0 ends it
     */
    public void sample(long period) {
        mp.samplePeriod = period;
        threads.stopAll();
    }

    /**
     * As {@link #sample}, and tells the observer also when a sampled block is freed; for good. Blocks that are sampled are made
     * larger than what tcaches hold, so that only frees which go past the tcaches are looked at; if every block is, no tcache
     * answers a call by itself. Called before the heap is used.
     *
     * @param atLeisure whether threads that allocate very fast are sampled more rarely, so that samples take little of their time
     */
    public void track(long period, boolean atLeisure) {
        mp.tracking = true;
        mp.sampleAtLeisure = atLeisure;
        sample(period);
        if (period == 1) {
            threads.watch();
        }
    }

    private long failed(long bytes) {
        mp.calls.failure();
        mp.observer.outOfMemory(bytes);
        return 0;
    }

    private static long callocAndUnlock(MallocState av, Tcache tcache, long size) {
        try {
            return ArenaMalloc.calloc(av, tcache, size);
        } finally {
            av.lock.unlock();
        }
    }

    /** realloc(3). */
    public long realloc(long mem, long bytes) {
        return realloc(mem, bytes, bytes);
    }

    /**
     * As {@link #realloc(long, long)}.
     *
     * @param asked the part of {@code bytes} that the user asked for
     */
    long realloc(long mem, long bytes, long asked) {
        if (mem == 0) {
            return malloc(bytes);
        }
        if (bytes == 0) {
            free(mem);
            return 0;
        }
        PerThread t = enter();
        try {
            mp.requireUsable();
            long weight = choose(t, asked, false, false);
            // Forgotten before it is freed: its address may be handed out again at once.
            Object forgotten = mp.tracking ? mp.observer.freed(mem) : null;
            long newMem = checked(reallocChunk(t, mem, toTrack(bytes, weight)));
            if (newMem == 0) {
                if (forgotten != null) {
                    mp.observer.notFreed(forgotten);
                }
                return 0;
            }
            mp.calls.realloc(t);
            if (weight != Sampler.NOT_CHOSEN) {
                mp.observer.sampled(newMem, asked, weight);
            }
            return newMem;
        } finally {
            threads.leave(t);
        }
    }

    private long reallocChunk(PerThread t, long mem, long bytes) {
        long p = mem2chunk(mem);
        long oldSize = chunkSize(p);
        boolean mmapped = Chunk.isMmapped(p);
        if (!mmapped) {
            maybeInitTcache(t);
        }
        if (Long.compareUnsigned(p, -oldSize) > 0 || Chunk.misaligned(p)) {
            throw mp.mallocPrinterr("realloc(): invalid pointer");
        }
        long nb = RequestSize.toChunkSize(mp.roundedUp(bytes));
        if (nb == RequestSize.TOO_LARGE) {
            return failed(bytes);
        }
        return mmapped ? reallocMmapped(t, mem, p, oldSize, nb, bytes) : reallocInArena(t, mem, p, oldSize, nb, bytes);
    }

    private long reallocInArena(PerThread t, long mem, long p, long oldSize, long nb, long bytes) {
        MallocState av = arenas.ofChunk(p, Chunk.sizeField(p));
        av.lock.lock();
        long newMem;
        try {
            newMem = ArenaRealloc.realloc(av, t.tcache, p, oldSize, nb);
        } finally {
            av.lock.unlock();
        }
        if (newMem != 0) {
            return newMem;
        }
        if (!threads.areSeveral()) {
            return failed(bytes);
        }
        // The chunk's own arena has no memory: another may.
        newMem = malloc(bytes);
        if (newMem != 0) {
            Memory.copy(mem, newMem, oldSize - SIZE_SZ);
            free(mem);
        }
        return newMem;
    }

    private long reallocMmapped(PerThread t, long mem, long p, long oldSize, long nb, long bytes) {
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
            mp.calls.free(t);
            MmappedChunk.munmapChunk(mp, p);
        }
        return newMem;
    }

    /** memalign(3): any alignment, rounded up to a power of two; 0 also for one above 2^63. */
    public long memalign(long alignment, long bytes) {
        if (Long.compareUnsigned(alignment, MALLOC_ALIGNMENT) <= 0) {
            return malloc(bytes);
        }
        if (Long.compareUnsigned(alignment, LARGEST_POWER) > 0) {
            mp.requireUsable();
            return 0;
        }
        // What no arena can give is found out by trying them, as in glibc: the thread may come to another one by that.
        return allocate(Long.highestOneBit(alignment - 1) << 1, bytes, bytes);
    }

    /** posix_memalign(3): the address, or −{@link #EINVAL} or −{@link #ENOMEM}. */
    public long posixMemalign(long alignment, long bytes) {
        mp.requireUsable();
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
        mp.requireUsable();
        long rounded = bytes + mp.pagesize - 1;
        return Long.compareUnsigned(rounded, bytes) < 0 ? 0 : memalign(mp.pagesize, rounded & -(mp.pagesize - 1));
    }

    /** malloc_usable_size(3). */
    public long mallocUsableSize(long mem) {
        if (mem == 0) {
            return 0;
        }
        return inside(() -> {
            long p = mem2chunk(mem);
            if (Chunk.isMmapped(p)) {
                return chunkSize(p) - CHUNK_HDR_SZ;
            }
            return Chunk.inuse(p) ? memSize(p) : 0;
        });
    }

    /** malloc_trim(3). */
    public boolean mallocTrim(long pad) {
        return inside(() -> {
            boolean released = false;
            arenas.transfer.flush(arenas::free);
            for (MallocState av : arenas.ring()) {
                released |= locked(av, () -> Systrim.mtrim(av, pad));
            }
            checked(0);
            return released;
        });
    }

    /** mallopt(3). */
    public boolean mallopt(int parameter, int value) {
        return inside(() -> locked(arenas.main, () -> {
            Fastbins.mallocConsolidate(arenas.main);
            return mp.mallopt(parameter, value);
        }));
    }

    /** mallinfo2(3). */
    public Mallinfo2 mallinfo2() {
        return inside(() -> MallocStatistics.mallinfo2(arenas.ring()));
    }

    /** malloc_info(3). */
    public String mallocInfo() {
        return inside(() -> MallocStatistics.mallocInfo(arenas.ring()));
    }

    /** Where the bytes are, arena by arena. Takes the time of {@link #mallinfo2}: it grows with the free chunks. */
    public MallocSnapshot snapshot() {
        return inside(() -> Snapshots.of(mp, arenas.ring(), threads.tcaches()));
    }

    /** Every chunk, arena by arena in order of address, mmapped ones last. No other thread may use the heap meanwhile. */
    public List<HeapChunk> walk() {
        return inside(() -> {
            List<HeapChunk> chunks = new ArrayList<>();
            arenas.purging.lock();
            try {
                for (MallocState av : arenas.ring()) {
                    chunks.addAll(locked(av, () -> HeapWalk.walk(av, threads.tcaches())));
                }
            } finally {
                arenas.purging.unlock();
            }
            chunks.addAll(HeapWalk.mmapped(mp));
            return chunks;
        });
    }

    /**
     * Verifies every invariant; an {@link AssertionError} names the one that does not hold. No other thread may use the heap
     * meanwhile.
     */
    public void check() {
        inside(() -> {
            checkArenas();
            return null;
        });
    }

    private void checkArenas() {
        arenas.purging.lock();
        try {
            for (MallocState av : arenas.ring()) {
                locked(av, () -> CheckMallocState.whole(av, threads.tcaches()));
            }
        } finally {
            arenas.purging.unlock();
        }
    }

    /** With the tunable {@code check}, verifies the heap on the way out. */
    private long checked(long result) {
        if (mp.check != 0) {
            checkArenas();
        }
        return result;
    }

    /**
     * Gives back what the calling thread has of this heap, as its death would: its cached blocks, and its arena, which the
     * next new thread may get. If the thread comes again it begins anew.
     */
    public void releaseThread() {
        PerThread t = tcache().owner;
        if (!t.isNobody()) {
            mp.requireUsable();
            arenas.release(t);
            threads.remove(t);
            if (firstThread == t.threadId) {
                firstThread = 0;
            }
        }
    }

    private <T> T inside(Supplier<T> call) {
        PerThread t = enter();
        try {
            mp.requireUsable();
            return call.get();
        } finally {
            threads.leave(t);
        }
    }

    private static <T> T locked(MallocState av, Supplier<T> call) {
        av.lock.lock();
        try {
            return call.get();
        } finally {
            av.lock.unlock();
        }
    }

    /** Bytes. */
    public long mmapThreshold() {
        mp.requireUsable();
        return mp.mmapThreshold;
    }

    /** Bytes. */
    public long trimThreshold() {
        mp.requireUsable();
        return mp.trimThreshold;
    }

    /** Where the break was before the heap first moved it. */
    public long breakStart() {
        return breakStart;
    }

    /** Where the break is. */
    public long breakNow() {
        return inside(() -> locked(arenas.main, () -> moreCore.morecore(0)));
    }

    /**
     * Unmaps everything and gives the break back. Calls of other threads that are under way end before; those that come
     * later are refused.
     */
    @Override
    public void close() {
        if (!mp.close()) {
            return;
        }
        threads.awaitQuiet();
        mp.mmappedChunks.unmapAll(mp.os);
        mp.heapAreas.releaseAll();
        arenas.main.unmapAreas();
        moreCore.close();
    }
}
