package io.github.ptmalloc4j;

import io.github.ptmalloc4j.os.MeteredOs;
import io.github.ptmalloc4j.ptmalloc.HeapChunk;
import io.github.ptmalloc4j.ptmalloc.HeapCorruption;
import io.github.ptmalloc4j.ptmalloc.Mallinfo2;
import io.github.ptmalloc4j.ptmalloc.Malloc;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import java.util.List;

/**
 * A heap with the calls of malloc(3), on addresses.
 *
 * <pre>{@code
 * try (Ptmalloc heap = Ptmalloc.create()) {
 *     long mem = heap.malloc(100);
 *     Memory.putLong(mem, 42);
 *     mem = heap.realloc(mem, 1000);
 *     heap.free(mem);
 * }
 * }</pre>
 *
 * <p>The rules are those of glibc 2.36, operation by operation: the same sequence of calls on a fresh heap gives the same
 * addresses, counted from the start of the heap. A call that finds no memory returns 0 and changes nothing. Misuse that
 * glibc would notice is a {@link HeapCorruption} with glibc's sentence; misuse that it would not notice does here what it
 * does there. Sizes are in bytes and are unsigned, as {@code size_t} is: a negative one is larger than any memory.
 *
 * <p>Any number of threads, platform or virtual, may use a heap, and any thread may free what another got. The thread that
 * makes a heap is served by its main arena, other platform threads by arenas of their own up to a limit, and each platform
 * thread has a cache in front; virtual threads share an arena for each CPU and have no cache. What a thread had goes back when
 * it is dead and the heap next needs memory. After {@link #close} every call that
 * needs the heap throws {@link IllegalStateException}.
 */
public final class Ptmalloc implements AutoCloseable {
    /** How much address space a private heap reserves unless told otherwise: 64 GiB, of which only what it uses costs. */
    public static final long DEFAULT_RESERVATION = 64L << 30;

    private final Malloc malloc;

    private final MeteredOs os;
    private final String name;
    private final long samplePeriod;
    private final HeapSegments segments;
    /** Null where nobody asked for it. */
    private final LeakFinder leaks;

    /** The name of the management bean, and what takes it off; null if there is none. */
    private String bean;

    private Runnable unregister;
    private boolean closed;

    Ptmalloc(Malloc malloc, MeteredOs os, String name, long samplePeriod, LeakFinder leaks) {
        this.malloc = malloc;
        this.os = os;
        this.name = name;
        this.samplePeriod = samplePeriod;
        this.leaks = leaks;
        this.segments = new HeapSegments(malloc, os, name);
    }

    /** A heap with a limit, a name, or other settings of its own. */
    public static HeapBuilder builder() {
        return new HeapBuilder();
    }

    /** A private heap with glibc's defaults. */
    public static Ptmalloc create() {
        return create(Tunables.GLIBC);
    }

    /** A private heap: a range of addresses of its own, any number of heaps in a process. */
    public static Ptmalloc create(Tunables tunables) {
        return create(tunables, DEFAULT_RESERVATION);
    }

    /**
     * A private heap that reserves as much as it is told.
     *
     * @param reservation bytes of address space; what does not fit in it is mapped elsewhere, as by a malloc whose break
     *     cannot grow
     * @throws OutOfMemoryError if no address space is left
     */
    public static Ptmalloc create(Tunables tunables, long reservation) {
        return builder().tunables(tunables).reservation(reservation).build();
    }

    /** The heap on the program break with glibc's defaults; see {@link #onProgramBreak(Tunables)}. */
    public static Ptmalloc onProgramBreak() {
        return onProgramBreak(Tunables.GLIBC);
    }

    /**
     * The heap on the break of the process itself, the {@code [heap]} of /proc/self/maps: one at a time.
     *
     * @throws IllegalStateException if the break is not ours alone; the message says what the JVM must be started with
     */
    public static Ptmalloc onProgramBreak(Tunables tunables) {
        return builder().tunables(tunables).onProgramBreak().build();
    }

    /** The same heap for those who want segments, arenas and buffers: bounds checked, zeroed, misuse refused. */
    public HeapSegments segments() {
        return segments;
    }

    /** A block of at least {@code bytes} bytes, aligned to 16, its contents undefined; 0 if there is no memory. */
    public long malloc(long bytes) {
        return malloc.malloc(bytes);
    }

    /** Gives a block back. 0 is ignored. */
    public void free(long mem) {
        malloc.free(mem);
    }

    /** A zeroed block for {@code count} elements of {@code bytes} bytes; 0 if there is no memory or the product overflows. */
    public long calloc(long count, long bytes) {
        return malloc.calloc(count, bytes);
    }

    /**
     * The same contents in a block of another size, which may be the same block. {@code mem} 0 allocates; {@code bytes} 0
     * frees and returns 0.
     *
     * @return the block, or 0 with the old one untouched if there is no memory
     */
    public long realloc(long mem, long bytes) {
        return malloc.realloc(mem, bytes);
    }

    /** A block aligned to {@code alignment}, which is rounded up to a power of two; 0 if there is no memory. */
    public long memalign(long alignment, long bytes) {
        return malloc.memalign(alignment, bytes);
    }

    /** As {@link #memalign}: glibc 2.36 makes no difference. */
    public long alignedAlloc(long alignment, long bytes) {
        return malloc.memalign(alignment, bytes);
    }

    /**
     * A block aligned to {@code alignment}, which must be a power of two and a multiple of 8.
     *
     * @return the block, or −{@link Malloc#EINVAL} for a bad alignment, or −{@link Malloc#ENOMEM} if there is no memory
     */
    public long posixMemalign(long alignment, long bytes) {
        return malloc.posixMemalign(alignment, bytes);
    }

    /** A block aligned to a page; 0 if there is no memory. */
    public long valloc(long bytes) {
        return malloc.valloc(bytes);
    }

    /** A block aligned to a page, its size rounded up to pages as glibc 2.36 rounds; 0 if there is no memory. */
    public long pvalloc(long bytes) {
        return malloc.pvalloc(bytes);
    }

    /** How many bytes of a block may be used: at least what was asked for. 0 for 0. */
    public long mallocUsableSize(long mem) {
        return malloc.mallocUsableSize(mem);
    }

    /**
     * Gives free memory back to the system: whole pages inside free chunks, and top.
     *
     * @param pad bytes of top to keep
     * @return whether anything was given back
     */
    public boolean mallocTrim(long pad) {
        return malloc.mallocTrim(pad);
    }

    /**
     * Changes a setting of this heap as mallopt(3) does.
     *
     * @param parameter an {@code M_} number of malloc.h
     * @return whether glibc would have returned 1
     */
    public boolean mallopt(int parameter, int value) {
        return malloc.mallopt(parameter, value);
    }

    /** The numbers of mallinfo2(3). */
    public Mallinfo2 mallinfo2() {
        return malloc.mallinfo2();
    }

    /** What malloc_info(3) prints: XML. */
    public String mallocInfo() {
        return malloc.mallocInfo();
    }

    /**
     * Where the memory is: of the heap, of each arena, and what the kernel says. Cheap enough for every second: it reads a
     * word or two of each free chunk, under the lock of one arena after the other, and a word for each accessible page from
     * the kernel, under none.
     */
    public HeapSnapshot snapshot() {
        return HeapSnapshot.of(malloc.snapshot(), os);
    }

    /**
     * The blocks that are live and of which the heap remembers who allocated them.
     *
     * @throws IllegalStateException if the heap was made without {@link HeapBuilder#findLeaks}
     */
    public LiveBlocks liveBlocks() {
        if (leaks == null) {
            throw new IllegalStateException("the heap " + name + " remembers no allocations: build it with findLeaks");
        }
        return leaks.live();
    }

    /** What it is called in events and messages. */
    public String name() {
        return name;
    }

    /**
     * Shows the heap to management tools as {@code io.github.ptmalloc4j:type=Heap,name=…}, a {@link HeapMXBean}, and as
     * {@code type=BufferPool,name=…}, a {@link java.lang.management.BufferPoolMXBean}, whose count is the blocks that users
     * hold, its capacity what they asked for and its memory what is mapped, until it is closed. A heap has one bean at most: a
     * second call changes its name. Needs the module {@code java.management}.
     *
     * @param called what to call it there
     * @throws IllegalArgumentException if another heap has the name; a bean that this one has keeps its own
     * @throws IllegalStateException if the heap is closed
     */
    public synchronized void registerMBean(String called) {
        if (closed) {
            throw new IllegalStateException("the heap is closed");
        }
        if (called.equals(bean)) {
            return;
        }
        Runnable other = HeapBean.register(this, called);
        unregisterMBean();
        bean = called;
        unregister = other;
    }

    private void unregisterMBean() {
        if (unregister != null) {
            unregister.run();
            unregister = null;
            bean = null;
        }
    }

    /** From now on there is no bean. */
    private synchronized void forbidMBean() {
        closed = true;
        unregisterMBean();
    }

    /** Tells Flight Recorder of requests now and then, or no more. */
    void sample(boolean on) {
        if (leaks == null) {
            malloc.sample(on ? samplePeriod : 0);
        }
    }

    /** Where this heap's system calls are counted. */
    MeteredOs meter() {
        return os;
    }

    /** Every chunk, arena by arena in order of address, mmapped ones last. No other thread may use the heap meanwhile. */
    public List<HeapChunk> walk() {
        return malloc.walk();
    }

    /**
     * Verifies every invariant over the whole heap. No other thread may use it meanwhile.
     *
     * @throws AssertionError that names the invariant and the chunk
     */
    public void check() {
        malloc.check();
    }

    /** The mmap threshold as it is now, in bytes. */
    public long mmapThreshold() {
        return malloc.mmapThreshold();
    }

    /** The trim threshold as it is now, in bytes. */
    public long trimThreshold() {
        return malloc.trimThreshold();
    }

    /** Where the break was when this heap took it: the address from which the heap's addresses count. */
    public long breakStart() {
        return malloc.breakStart();
    }

    /** Where the break is now. */
    public long breakNow() {
        return malloc.breakNow();
    }

    /**
     * Gives back what the calling thread has of this heap, as its death would: its cached blocks, and its arena, which the
     * next new thread may get. If the thread comes again it begins anew. Nobody needs to call this; a pool whose threads live
     * on but will not come here again may.
     */
    public void releaseThread() {
        malloc.releaseThread();
    }

    /**
     * Gives all memory back to the system, blocks that are still held included. Calls of other threads that are under way
     * end before; those that come later are refused. A second call does nothing.
     *
     * <p>Segments of a {@link HeapSegments#shared() shared lifetime} are inaccessible afterwards. Other segments, and blocks, must
     * not be used any more.
     *
     * @throws IllegalStateException if a call of the system holds a segment of a shared lifetime; it may be tried again
     */
    @Override
    public void close() {
        segments.close();
        FlightRecording.remove(this);
        forbidMBean();
        malloc.close();
    }
}
