package io.github.ptmalloc4j.ptmalloc;

import static io.github.ptmalloc4j.os.Memory.ALL;
import static io.github.ptmalloc4j.os.Memory.USER_BITS;
import static io.github.ptmalloc4j.os.Memory.WORD;
import static io.github.ptmalloc4j.os.Memory.getLong;
import static io.github.ptmalloc4j.os.Memory.putLong;
import static io.github.ptmalloc4j.ptmalloc.Chunk.CHUNK_HDR_SZ;
import static io.github.ptmalloc4j.ptmalloc.Chunk.MALLOC_ALIGNMENT;
import static io.github.ptmalloc4j.ptmalloc.Chunk.MALLOC_ALIGN_MASK;
import static io.github.ptmalloc4j.ptmalloc.Chunk.MINSIZE;
import static io.github.ptmalloc4j.ptmalloc.Chunk.NON_MAIN_ARENA;
import static io.github.ptmalloc4j.ptmalloc.Chunk.PREV_INUSE;
import static io.github.ptmalloc4j.ptmalloc.Chunk.SIZE_SZ;
import static io.github.ptmalloc4j.ptmalloc.Chunk.chunk2mem;
import static io.github.ptmalloc4j.ptmalloc.TcacheBins.SMALL_BINS;

import io.github.ptmalloc4j.os.Memory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.LongConsumer;

/**
 * A thread's own cache of freed chunks: 64 stacks, one for each chunk size from 32 to 1040 bytes, in front of all arenas. Further
 * stacks hold larger chunks where {@link Tunables#tcacheMax} says so; see {@link TcacheBins}.
 *
 * <p>Its table is an ordinary chunk of the heap (size 0x290 without further stacks), the first that the thread takes:
 *
 * <pre>
 *   mem + 0    unused: glibc has 64 counts of 16 bits here
 *   mem + 128  64 heads, or more:
 *              63                         16 15       0
 *             ┌─────────────────────────────┬──────────┐
 *             │ what the user held, or 0    │ count    │
 *             └─────────────────────────────┴──────────┘
 * </pre>
 *
 * <p>A count stands beside the address that it goes with, so that a call reads and writes one word for both. What comes back from
 * calls is what glibc's two tables give.
 *
 * <p>A cached block is linked in place:
 *
 * <pre>
 *   mem + 0    next, by {@link SafeLinking}
 *   mem + 8    key: a random word that says "this block is in a tcache"
 * </pre>
 *
 * <p>The key makes most double frees visible at the cost of one comparison; only where it matches is the stack searched.
 */
final class Tcache {
    /** Chunks that each of the first eight large stacks may hold, 128 KiB; each of the next eight half as many, one at least. */
    private static final int LARGE_ROOM = 128;

    private static final long ENTRIES = 128;

    /** Bits of an index: more than any table has. */
    private static final long ANY_INDEX = 255;

    private static final int COUNT_BITS = 16;

    private static final long ALIGNED_ADDRESS = USER_BITS & -MALLOC_ALIGNMENT;

    private static final VarHandle OPEN;
    private static final VarHandle OPEN_LARGE;
    private static final VarHandle STOP;

    static {
        try {
            OPEN = MethodHandles.lookup().findVarHandle(Tcache.class, "open", int.class);
            OPEN_LARGE = MethodHandles.lookup().findVarHandle(Tcache.class, "openLarge", int.class);
            STOP = MethodHandles.lookup().findVarHandle(Tcache.class, "stop", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** The thread that it serves, and that thread's number: what a call finds in {@link Threads} is compared with it. */
    final PerThread owner;

    final long threadId;
    private final MallocPar mp;
    /** Copies of what {@link MallocPar} says, near at hand. */
    private final int room;

    private final long key;
    /** Where the table lies; 0 until the thread has one. */
    private long address;
    /** How many stacks the thread uses; 0 until it has a table. */
    private volatile int stacks;
    /** How many of the small ones serve calls that come from outside; 0 while the tcache is withheld. */
    private int open;
    /** The same of all; no large ones where their calls are to be seen. */
    private int openLarge;

    private volatile boolean withheld;
    /** The call that is not answered here, whatever is cached: {@link Sampler} wants to see it. */
    private long stop = Long.MAX_VALUE;

    /** What the thread has called so far, whether or not the tcache answered; see {@link Calls}. */
    long mallocs;

    long frees;
    long reallocs;
    /** Bytes that it asked of arenas, and bytes of the chunks that it got for them. */
    long requested;

    long granted;

    Tcache(MallocPar mp, PerThread owner) {
        this.mp = mp;
        this.owner = owner;
        this.threadId = owner.threadId;
        this.room = mp.tcacheCount;
        this.key = mp.tcacheKey;
    }

    /** How many chunks a stack may hold. */
    private int room(long index) {
        return index < SMALL_BINS ? room : Math.min(room, Math.max(1, LARGE_ROOM >>> TcacheBins.power(index)));
    }

    boolean isInitialised() {
        return address != 0;
    }

    /** Whether the thread may use it without entering the engine. */
    boolean isOpen() {
        return open() != 0;
    }

    /**
     * How many small stacks the thread may use without entering the engine, 0 while the tcache is withheld. A call reads it once,
     * and anew: a plain field might be kept in a register for the length of a loop.
     */
    int open() {
        return (int) OPEN.getOpaque(this);
    }

    /** As {@link #open}, with the large stacks; as many where there are none. */
    int openLarge() {
        return (int) OPEN_LARGE.getOpaque(this);
    }

    boolean isWithheld() {
        return withheld;
    }

    /** From now on calls find it closed and come to {@link Threads#enter}. */
    void withhold() {
        withheld = true;
        shut();
    }

    private void shut() {
        OPEN.setVolatile(this, 0);
        OPEN_LARGE.setVolatile(this, 0);
    }

    void giveBack() {
        withheld = false;
        reopen();
    }

    /** The thread itself comes here when it has a table, others when they give it back: whoever is last finds what both said. */
    private void reopen() {
        int toOpen;
        do {
            toOpen = stacks;
            int small = Math.min(toOpen, SMALL_BINS);
            OPEN.setVolatile(this, small);
            // What comes from large stacks is worth a sample's while: it is to be seen.
            OPEN_LARGE.setVolatile(this, mp.samplePeriod == 0 ? toOpen : small);
        } while (toOpen != stacks);
        if (withheld) {
            shut();
        }
    }

    /** Bytes that a table takes; 640 in glibc. */
    long sizeofTable() {
        return ENTRIES + 8L * Math.max(SMALL_BINS, mp.tcacheBins);
    }

    /** Starts to cache, with the table at {@code mem}. */
    void init(long mem) {
        for (long at = ENTRIES; at < sizeofTable(); at += 8) {
            putLong(mem + at, 0);
        }
        address = mem;
        stacks = mp.tcacheBins;
        reopen();
    }

    /** How many stacks there are to look at; 0 without a table. */
    int stacks() {
        return stacks;
    }

    /** Whether this thread caches chunks of this stack. */
    boolean covers(long index) {
        return index < stacks;
    }

    boolean hasEntry(long index) {
        return covers(index) && count(index) > 0;
    }

    /** As {@link #hasRoom}, of {@link TcacheBins#smallIndex}: arenas fill small stacks only. */
    boolean hasSmallRoom(long index) {
        return index < SMALL_BINS && covers(index) && count(index) < room;
    }

    boolean hasRoom(long index) {
        return covers(index) && count(index) < room(index);
    }

    /** Offers a full stack to others; whether somebody took it, so that there is room. */
    boolean handOver(long index, TransferCache transfer) {
        boolean taken = covers(index) && count(index) > 0 && transfer.give(index, getLong(entry(index)), threadId);
        if (taken) {
            putLong(entry(index), 0);
        }
        return taken;
    }

    /** Takes over a stack of which others had too many; its own is empty. */
    void takeOver(long index, TransferCache transfer) {
        if (covers(index) && count(index) == 0) {
            putLong(entry(index), transfer.take(index, threadId));
        }
    }

    /** How many chunks a full stack gives back, for one more to go there; 0 if that one is to go elsewhere. */
    int toFlush(long index) {
        if (mp.tcacheFlush == 0 || !covers(index)) {
            return 0;
        }
        int chunks = Math.min(mp.tcacheFlush, room(index));
        return count(index) >= chunks ? chunks : 0;
    }

    int count(long index) {
        return countIn(getLong(entry(index)));
    }

    static int countIn(long head) {
        return (char) head;
    }

    static long topIn(long head) {
        return head >>> COUNT_BITS;
    }

    private static long head(long top, int count) {
        return top << COUNT_BITS | (char) count;
    }

    /** What the stack would hand out next, or 0. */
    long top(long index) {
        return topIn(getLong(entry(index)));
    }

    private long entry(long index) {
        return (address & USER_BITS) + ENTRIES + 8 * (index & ANY_INDEX);
    }

    /** A number that changes when the table does, most probably; read while the owner goes on. */
    synchronized long fingerprint() {
        long hash = 0;
        for (long word = 0; address != 0 && word < sizeofTable(); word += 8) {
            hash = 31 * hash + getLong(address + word);
        }
        return hash;
    }

    /** Bytes of the chunks that are cached, as far as another thread can tell. */
    synchronized long cachedBytes() {
        long bytes = 0;
        for (int i = 0; i < stacks; i++) {
            bytes += count(i) * TcacheBins.chunkSize(i);
        }
        return bytes;
    }

    /** Bytes of the chunk that the table is; 0 if there is none. */
    synchronized long tableSize() {
        return address == 0 ? 0 : Chunk.chunkSize(Chunk.mem2chunk(address));
    }

    synchronized boolean isEmpty() {
        for (int i = 0; i < stacks; i++) {
            if (count(i) != 0) {
                return false;
            }
        }
        return true;
    }

    void put(long p, long index) {
        long mem = chunk2mem(p);
        long head = getLong(entry(index));
        putLong(keyField(mem), key);
        putLong(mem, SafeLinking.mixed(mem, topIn(head)));
        putLong(entry(index), head(mem, countIn(head) + 1));
    }

    /** Takes what was put last; the stack must not be empty. */
    long get(long index) {
        long head = getLong(entry(index));
        long mem = topIn(head);
        if ((mem & MALLOC_ALIGN_MASK) != 0) {
            throw unaligned();
        }
        putLong(entry(index), head(SafeLinking.mixed(mem, getLong(mem)), countIn(head) - 1));
        putLong(keyField(mem), 0);
        return mem;
    }

    private HeapCorruption unaligned() {
        return mp.mallocPrinterr("malloc(): unaligned tcache chunk detected");
    }

    /**
     * A call of the user's that this cache answers, or does not. This and {@link #free(long, int)} are {@link #get} and
     * {@link #put} written out, for the reason that {@link Memory#WORD} gives.
     *
     * @param bins what {@link #open} or {@link #openLarge} said
     * @return a chunk of the stack, or 0 if it is empty or not covered, or the call is to be seen elsewhere
     */
    long malloc(long index, int bins) {
        if (index >= bins || mallocs >= stop) {
            return 0;
        }
        long entry = (address & USER_BITS) + ENTRIES + 8 * (index & ANY_INDEX);
        long head = (long) WORD.get(ALL, entry);
        int count = (char) head;
        if (count == 0) {
            return 0;
        }
        mallocs++;
        long mem = head >>> COUNT_BITS;
        if ((mem & MALLOC_ALIGN_MASK) != 0) {
            throw unaligned();
        }
        long next = mem >>> 12 ^ (long) WORD.get(ALL, mem);
        WORD.set(ALL, entry, next << COUNT_BITS | (char) (count - 1));
        WORD.set(ALL, mem + 8, 0L);
        return mem;
    }

    /** As {@link #malloc}, of a request of so many bytes for which the small stacks may be too small. */
    long mallocLarge(long bytes) {
        int bins = openLarge();
        return bins <= SMALL_BINS ? 0 : malloc(TcacheBins.index(RequestSize.toChunkSize(bytes)), bins);
    }

    /** As {@link #free(long)}, of a chunk for which the small stacks are too small. */
    boolean freeLarge(long mem) {
        int bins = openLarge();
        long p = mem - CHUNK_HDR_SZ;
        if (bins <= SMALL_BINS || (p & ALIGNED_ADDRESS) != p) {
            return false;
        }
        long size = Chunk.sizeField(p) & ~(PREV_INUSE | NON_MAIN_ARENA);
        long index = TcacheBins.exactIndex(size);
        if ((size & MALLOC_ALIGN_MASK) != 0 || index >= bins) {
            return false;
        }
        if (count(index) >= room(index) || getLong(keyField(mem)) == key) {
            return false;
        }
        frees++;
        put(p, index);
        return true;
    }

    /**
     * A call of the user's that this cache takes, or does not: what is not beyond doubt a chunk in use that has room here is
     * left to those who find out more.
     *
     * @return whether it did
     */
    boolean free(long mem) {
        int bins = (int) OPEN.getOpaque(this);
        long p = mem - CHUNK_HDR_SZ;
        if (bins == 0 || (p & ALIGNED_ADDRESS) != p) {
            // Nothing may be read: the heap may be closed, or the address nonsense.
            return false;
        }
        return free(mem, bins);
    }

    /**
     * As {@link #free(long)}, of an address at which a chunk can be.
     *
     * @param bins what {@link #open} said, not 0
     */
    boolean free(long mem, int bins) {
        // p leads to the words, mem is stored, and so need not wait for the mask.
        long p = mem - CHUNK_HDR_SZ & ALIGNED_ADDRESS;
        long size = (long) WORD.get(ALL, p + SIZE_SZ) & ~(PREV_INUSE | NON_MAIN_ARENA);
        // A mapped chunk, or no chunk at all; and one smaller than any has a very large index, unsigned.
        long index = size - MINSIZE >>> 4;
        if ((size & MALLOC_ALIGN_MASK) != 0 || Long.compareUnsigned(index, bins) >= 0) {
            return false;
        }
        long entry = (address & USER_BITS) + ENTRIES + 8 * (index & SMALL_BINS - 1);
        long head = (long) WORD.get(ALL, entry);
        int count = (char) head;
        if (count >= room || (long) WORD.get(ALL, p + CHUNK_HDR_SZ + 8) == key) {
            return false;
        }
        frees++;
        WORD.set(ALL, p + CHUNK_HDR_SZ + 8, key);
        WORD.set(ALL, p + CHUNK_HDR_SZ, mem >>> 12 ^ head >>> COUNT_BITS);
        WORD.set(ALL, entry, mem << COUNT_BITS | (char) (count + 1));
        return true;
    }

    /** Whether the call under way is one that {@link #malloc} does not answer. */
    boolean isStopped() {
        return mallocs >= stop;
    }

    /**
     * From now on answers calls until it has answered so many.
     *
     * @param calls {@link Long#MAX_VALUE}: all
     */
    void stopAfter(long calls) {
        stop = calls == Long.MAX_VALUE ? calls : mallocs + calls;
        reopen();
    }

    /** The next call is to be seen elsewhere; said by any thread. */
    void stopNow() {
        STOP.setVolatile(this, 0L);
    }

    /** Called before a chunk is put: a block that carries the key and is found in its stack is freed a second time. */
    void requireAbsent(long p, long index) {
        long mem = chunk2mem(p);
        if (getLong(keyField(mem)) == key) {
            search(mem, index);
        }
    }

    /** The user's data may equal the key by chance: look before accusing. */
    private void search(long mem, long index) {
        int steps = 0;
        for (long entry = top(index); entry != 0; entry = SafeLinking.reveal(entry)) {
            if (steps++ >= room(index)) {
                throw mp.mallocPrinterr("free(): too many chunks detected in tcache");
            }
            if ((entry & MALLOC_ALIGN_MASK) != 0) {
                throw mp.mallocPrinterr("free(): unaligned chunk detected in tcache 2");
            }
            if (entry == mem) {
                throw doubleFree();
            }
        }
        if (mp.arenas.transfer.holds(mem, index)) {
            throw doubleFree();
        }
    }

    private HeapCorruption doubleFree() {
        return mp.mallocPrinterr("free(): double free detected in tcache 2");
    }

    /**
     * The thread is gone: hands out every block, and the table last.
     *
     * @param free takes the blocks
     */
    void shutdown(LongConsumer free) {
        long table = address;
        if (table != 0) {
            flush(free);
            forgetTable();
            free.accept(table);
        }
    }

    /** Whoever looks at another thread's table holds this lock, so that the table's memory does not vanish meanwhile. */
    private synchronized void forgetTable() {
        stacks = 0;
        shut();
        address = 0;
    }

    /**
     * Hands out every block.
     *
     * @param free takes the blocks
     */
    void flush(LongConsumer free) {
        for (int i = 0; i < stacks; i++) {
            for (long mem = top(i); mem != 0; mem = top(i)) {
                if ((mem & MALLOC_ALIGN_MASK) != 0) {
                    throw mp.mallocPrinterr("tcache_thread_shutdown(): unaligned tcache chunk detected");
                }
                putLong(entry(i), head(SafeLinking.reveal(mem), count(i) - 1));
                free.accept(mem);
            }
        }
    }

    private static long keyField(long mem) {
        return mem + 8;
    }
}
