package io.github.ptmalloc4j;

import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.MeteredOs;
import io.github.ptmalloc4j.os.SystemCalls;
import io.github.ptmalloc4j.ptmalloc.ArenaSnapshot;
import io.github.ptmalloc4j.ptmalloc.CallCounts;
import io.github.ptmalloc4j.ptmalloc.MallocSnapshot;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Where a heap's memory is. Sizes are in bytes.
 *
 * <pre>
 *   mapped = inUse + cached + free + top + overhead + spare          free = fast bins + other bins
 *   resident ≤ mapped ≤ reserved, mapped ≤ limit
 * </pre>
 *
 * <p>The terms on the right are counted by the allocator, {@code mapped} where its system calls pass, {@code resident} by the
 * kernel. While other threads use the heap the numbers are taken one after the other and add up nearly; when nobody does, to
 * the byte. On the program break they do so only while nobody else moves it.
 *
 * @param requested what users asked for in the blocks that they hold, estimated: the engine does not keep it. Chunks in arenas
 *     are taken to be as full on average as those that arenas have handed out since the heap began, mapped ones count with
 *     all that they can hold, which is less than a page more than what was asked for
 * @param inUse chunks that users hold, headers included, and mappings of large ones, whole. Chunks that wait at the door of a
 *     busy arena count as if they were held
 * @param cached chunks in threads' caches, or on their way from one to another; other threads' caches are read while they change
 * @param free chunks in bins
 * @param top the arenas' ends, from which new chunks are cut
 * @param overhead what the allocator needs for itself: arenas, headers of heaps, tables of caches
 * @param spare pages beyond the arenas' ends that were given back but are still open
 * @param trimmable what {@link Ptmalloc#mallocTrim} with 0 would give back, at least; part of free and top. Pages inside free
 *     chunks count whether or not they were given back before
 * @param mapped pages of the heap that may be read and written, touched or not: what the limit limits
 * @param reserved addresses that the heap has taken, those without access included
 * @param resident pages of the heap that are in memory, as the kernel says; −1 where /proc/self/pagemap cannot be read
 * @param limit mapped bytes at most; −1 if there is no limit
 * @param refusals how often the limit refused a call to the system
 * @param mappedChunks large chunks that are mappings of their own
 * @param mappedChunkBytes bytes of those mappings, part of inUse
 * @param caches threads that have a cache
 * @param calls how often the heap was called
 * @param minorFaults page faults that the kernel has served without a disk, of the whole process since it began: the kernel
 *     counts them for threads and not for memory, so that those of a heap show only as the difference of two snapshots
 *     around what is done with it. Not of arenas, for the same reason
 * @param operations requests and frees that reached an arena since the heap began; neither those that a cache answered nor
 *     those of mapped chunks
 * @param systemCalls how often the heap called the system
 * @param arenas arena by arena, the main one first
 */
public record HeapSnapshot(
        long requested,
        long inUse,
        long cached,
        long free,
        long top,
        long overhead,
        long spare,
        long trimmable,
        long mapped,
        long reserved,
        long resident,
        long limit,
        long refusals,
        long mappedChunks,
        long mappedChunkBytes,
        int caches,
        CallCounts calls,
        long minorFaults,
        long operations,
        SystemCalls systemCalls,
        List<ArenaSnapshot> arenas) {

    /** Bytes before the user's in a mapping. */
    private static final long MAPPED_HEADER = 16;

    /** Keeps the arenas as they were. */
    public HeapSnapshot {
        arenas = List.copyOf(arenas);
    }

    /**
     * How much of the memory between the chunks in use is holes: {@code free / (inUse + cached + free)}, mapped chunks left
     * out. 0 is a heap without a free chunk below its tops; near 1, a heap that is nearly empty and cannot shrink. Caches count
     * as used, as they serve the next request; top does not count, as it can go.
     */
    public double fragmentation() {
        double below = (double) inUse - mappedChunkBytes + cached + free;
        return below <= 0 ? 0 : free / below;
    }

    static HeapSnapshot of(MallocSnapshot engine, MeteredOs os) {
        List<ArenaSnapshot> arenas = engine.arenas();
        long books = engine.cached() + engine.cacheTables();
        // Not below 0 where a cache was filled between two looks.
        long inArenas = Math.max(0, sum(arenas, ArenaSnapshot::held) - books);
        return new HeapSnapshot(
                Math.round(engine.fill() * inArenas) + engine.mappedBytes() - MAPPED_HEADER * engine.mappedChunks(),
                inArenas + engine.mappedBytes(),
                engine.cached(),
                sum(arenas, ArenaSnapshot::free),
                sum(arenas, ArenaSnapshot::top),
                sum(arenas, ArenaSnapshot::overhead) + engine.cacheTables(),
                sum(arenas, ArenaSnapshot::spare),
                sum(arenas, ArenaSnapshot::trimmable),
                os.mapped(),
                os.reserved(),
                os.resident(),
                limit(os),
                os.refusals(),
                engine.mappedChunks(),
                engine.mappedBytes(),
                engine.caches(),
                engine.calls(),
                Linux.KERNEL.minorFaultsOfProcess(),
                sum(arenas, ArenaSnapshot::operations),
                os.systemCalls(),
                arenas);
    }

    /** −1 for none. */
    static long limit(MeteredOs os) {
        return os.limit() == MeteredOs.NONE ? -1 : os.limit();
    }

    private static long sum(List<ArenaSnapshot> arenas, ToLongFunction<ArenaSnapshot> of) {
        return arenas.stream().mapToLong(of).sum();
    }
}
