package io.github.ptmalloc4j.ptmalloc;

import io.github.ptmalloc4j.os.Linux;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Which arena serves a thread. The main thread, which is the one that made the heap, has the main arena; each other thread
 * gets, in this order, an arena of a dead thread, a new one, or, when there are enough, the next one that nobody has locked.
 * A thread stays with its arena.
 *
 * <pre>
 *   ring:       main ──► newest ──► … ──► oldest ──► main          (next)
 *   free list:  arena of the thread that died last ──► … ──► 0     (nextFree)
 * </pre>
 */
final class Arenas {
    final MallocPar mp;
    final Threads threads;
    final MallocState main;
    private final MallocState none;
    /** What goes from tcache to tcache without coming to an arena. */
    final TransferCache transfer;

    /** Guards the ring, the free list, the counters of attached threads and the table; taken before any arena's lock. */
    private final ReentrantLock listLock = new ReentrantLock();

    /**
     * Held while idle memory is purged, and by whoever reads the whole heap, tcaches included, and must not meet the purge.
     * Taken before any other lock.
     */
    final ReentrantLock purging = new ReentrantLock();

    /** By {@link MallocState#index}. */
    private volatile MallocState[] table;

    private MallocState freeList;
    private int narenas = 1;
    private long narenasLimit;
    /** Where the search for an arena to share goes on. */
    private MallocState nextToUse;
    /** The arena for virtual threads on each CPU. */
    private final MallocState[] byCpu =
            new MallocState[Math.max(1, Runtime.getRuntime().availableProcessors())];

    Arenas(MallocPar mp, Threads threads) {
        this.mp = mp;
        this.threads = threads;
        main = MallocState.main(mp);
        none = MallocState.none(main);
        transfer = new TransferCache(mp);
        table = new MallocState[] {main};
        nextToUse = main;
        if (!Thread.currentThread().isVirtual()) {
            PerThread mainThread = threads.add(Thread.currentThread());
            mainThread.arena = main;
            main.attachedThreads = 1;
        }
    }

    /**
     * The arena of a chunk that is no mapping of its own.
     *
     * @param head its size word
     */
    MallocState ofChunk(long p, long head) {
        if ((head & Chunk.NON_MAIN_ARENA) == 0) {
            return main;
        }
        MallocState[] arenas = table;
        int index = HeapInfo.arenaIndex(HeapInfo.heapForPtr(mp, p));
        if (index <= 0 || index >= arenas.length) {
            throw mp.mallocPrinterr("free(): invalid pointer");
        }
        return arenas[index];
    }

    /** The arenas in the order of the ring. */
    MallocState[] ring() {
        listLock.lock();
        try {
            MallocState[] ring = new MallocState[table.length];
            MallocState av = main;
            for (int i = 0; i < ring.length; i++, av = av.next) {
                ring[i] = av;
            }
            return ring;
        } finally {
            listLock.unlock();
        }
    }

    /**
     * The thread's arena, locked.
     *
     * @param bytes what it is wanted for: a new arena is made that large, if it can be
     */
    MallocState lock(PerThread t, long bytes) {
        MallocState av = t.arena;
        if (av == null) {
            if (!t.isNobody()) {
                return arenaGet2(t, bytes, null);
            }
            av = ofThisCpu(bytes);
        }
        av.lock.lock();
        try {
            av.freeRemote();
            return av;
        } catch (RuntimeException | Error e) {
            av.lock.unlock();
            throw e;
        }
    }

    /**
     * Another arena, locked, after {@code failed} (not locked any more) had no memory.
     *
     * @return null if there is no other
     */
    MallocState lockForRetry(PerThread t, MallocState failed, long bytes) {
        if (failed.isNone() || !threads.areSeveral()) {
            return null;
        }
        if (!failed.isMain()) {
            main.lock.lock();
            return main;
        }
        return t.isNobody() ? null : arenaGet2(t, bytes, failed);
    }

    private MallocState arenaGet2(PerThread t, long bytes, MallocState avoid) {
        sweep();
        MallocState av = takeFromFreeList(t);
        if (av == null && mayCreate()) {
            av = create(t, bytes);
            if (av == null) {
                av = none;
            }
        } else if (av == null) {
            return reusedArena(t, avoid);
        }
        av.lock.lock();
        return av;
    }

    MallocState takeFromFreeList(PerThread t) {
        listLock.lock();
        try {
            MallocState av = freeList;
            if (av != null) {
                freeList = av.nextFree;
                attach(t, av);
            }
            return av;
        } finally {
            listLock.unlock();
        }
    }

    /** Counts one more arena, if the limit allows it. The limit, once computed, stays. */
    private boolean mayCreate() {
        listLock.lock();
        try {
            if (narenasLimit == 0) {
                if (mp.arenaMax != 0) {
                    narenasLimit = mp.arenaMax;
                } else if (narenas > mp.arenaTest) {
                    narenasLimit = 8L * KernelSettings.onlineCpus();
                }
            }
            // As long as there is no limit, one less than 0 is a very large number.
            if (Long.compareUnsigned(narenas, narenasLimit - 1) > 0) {
                return false;
            }
            narenas++;
            return true;
        } finally {
            listLock.unlock();
        }
    }

    private MallocState create(PerThread t, long bytes) {
        long needed = HeapInfo.SIZEOF + MallocState.SIZEOF + Chunk.MALLOC_ALIGNMENT;
        long heap = HeapInfo.newHeap(mp, needed + bytes, mp.topPad);
        if (heap == 0) {
            // Too large for a heap: the request will get a mapping of its own.
            heap = HeapInfo.newHeap(mp, needed, mp.topPad);
        }
        listLock.lock();
        try {
            if (heap == 0) {
                narenas--;
                return null;
            }
            MallocState av = MallocState.inHeap(mp, heap, table.length);
            table = Arrays.copyOf(table, table.length + 1);
            table[av.index] = av;
            av.next = main.next;
            main.next = av;
            attach(t, av);
            mp.observer.arenaCreated(av.index);
            return av;
        } finally {
            listLock.unlock();
        }
    }

    /** The next arena of the ring that is not busy; if all are, the next one, even if it takes waiting. */
    private MallocState reusedArena(PerThread t, MallocState avoid) {
        MallocState first = nextToUse;
        MallocState av = first;
        boolean locked = av.lock.tryLock();
        while (!locked && av.next != first) {
            av = av.next;
            locked = av.lock.tryLock();
        }
        if (!locked) {
            av = first == avoid ? first.next : first;
            av.lock.lock();
        }
        attachToReused(t, av);
        return av;
    }

    private void attachToReused(PerThread t, MallocState av) {
        // The arena's lock is held here and the list's lock taken after it: nobody holding the list's lock waits for an
        // arena.
        listLock.lock();
        try {
            removeFromFreeList(av);
            attach(t, av);
            nextToUse = av.next;
        } finally {
            listLock.unlock();
        }
    }

    /** No arena on the free list has a thread. */
    private void removeFromFreeList(MallocState av) {
        if (freeList == av) {
            freeList = av.nextFree;
            return;
        }
        for (MallocState before = freeList; before != null; before = before.nextFree) {
            if (before.nextFree == av) {
                before.nextFree = av.nextFree;
                return;
            }
        }
    }

    private void attach(PerThread t, MallocState av) {
        if (t.arena != null) {
            t.arena.attachedThreads--;
        }
        av.attachedThreads++;
        t.arena = av;
    }

    /** A thread is gone: its arena, if it was the last one there, waits on the free list for another. */
    void detach(PerThread t) {
        listLock.lock();
        try {
            MallocState av = t.arena;
            t.arena = null;
            if (av != null && --av.attachedThreads == 0) {
                av.nextFree = freeList;
                freeList = av;
            }
        } finally {
            listLock.unlock();
        }
    }

    /** The arena that virtual threads on this CPU share, made at first use. */
    private MallocState ofThisCpu(long bytes) {
        int cpu = Math.floorMod(Linux.KERNEL.cpu(), byCpu.length);
        MallocState av = byCpu[cpu];
        return av != null ? av : makeForCpu(cpu, bytes);
    }

    private MallocState makeForCpu(int cpu, long bytes) {
        listLock.lock();
        try {
            if (byCpu[cpu] == null) {
                // Attached to nobody in particular, for ever.
                MallocState av = mayCreate() ? create(PerThread.nobody(mp), bytes) : null;
                byCpu[cpu] = av == null ? main : av;
            }
            return byCpu[cpu];
        } finally {
            listLock.unlock();
        }
    }

    /**
     * Lets dead threads give back what they had, before the system is asked for memory.
     *
     * @param av the arena whose lock the caller holds; it is given up meanwhile, and {@link MallocState#interruptions} tells
     * @return whether there was a dead thread, so that it may be worth looking again
     */
    boolean sweep(MallocState av) {
        if (!threads.anyDead()) {
            return false;
        }
        av.interruptions++;
        av.lock.unlock();
        try {
            sweep();
        } finally {
            av.lock.lock();
        }
        // Even if another thread swept first: the arena is no longer what its caller saw.
        return true;
    }

    /** The same for a caller that holds no lock. */
    boolean sweep() {
        boolean swept = false;
        for (PerThread dead : threads.dead()) {
            if (threads.remove(dead)) {
                release(dead);
                swept = true;
            }
        }
        return swept;
    }

    /** The heap is not to be used any more: from now on every call comes to where that is found out. */
    void stop() {
        threads.withholdAll();
    }

    /** What a thread's exit does: the tcache goes back block by block, then its table, then the arena is left. */
    void release(PerThread t) {
        t.withholding.lock();
        try {
            t.tcache.shutdown(this::free);
        } finally {
            t.withholding.unlock();
        }
        detach(t);
    }

    /** Frees past any tcache. */
    void free(long mem) {
        long p = Chunk.mem2chunk(mem);
        if (Chunk.isMmapped(p)) {
            MmappedChunk.adjustThresholds(mp, p);
            MmappedChunk.munmapChunk(mp, p);
        } else {
            long head = Chunk.sizeField(p);
            ArenaFree.requireChunk(mp, p, head & ~Chunk.SIZE_BITS);
            free(p, head);
        }
    }

    /**
     * Frees what a stack of a tcache holds, the last first, and keeps an arena locked as long as the chunks are its own.
     *
     * @param chunks how many; the stack holds as many at least
     */
    void flush(Tcache tcache, long index, int chunks) {
        MallocState locked = null;
        try {
            for (int i = 0; i < chunks; i++) {
                long p = Chunk.mem2chunk(tcache.get(index));
                long head = Chunk.sizeField(p);
                long size = head & ~Chunk.SIZE_BITS;
                ArenaFree.requireChunk(mp, p, size);
                locked = changeLock(locked, ofChunk(p, head));
                ArenaFree.toArena(locked, p, size, false);
            }
        } finally {
            if (locked != null) {
                locked.lock.unlock();
            }
        }
    }

    private static MallocState changeLock(MallocState from, MallocState to) {
        if (from != to) {
            if (from != null) {
                from.lock.unlock();
            }
            to.lock.lock();
        }
        return to;
    }

    /**
     * Frees to the arena, or where that may be, leaves the chunk at the door of an arena that is busy.
     *
     * @param head the chunk's size word, of which another thread may change the P flag meanwhile
     */
    void free(long p, long head) {
        MallocState av = ofChunk(p, head);
        if (!mp.remoteFrees) {
            av.lock.lock();
        } else if (!av.lock.tryLock()) {
            av.pushRemote(p);
            return;
        }
        try {
            ArenaFree.toArena(av, p, head & ~Chunk.SIZE_BITS, false);
        } finally {
            av.lock.unlock();
        }
    }
}
