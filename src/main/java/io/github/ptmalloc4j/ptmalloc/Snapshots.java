package io.github.ptmalloc4j.ptmalloc;

import static io.github.ptmalloc4j.ptmalloc.Chunk.CHUNK_HDR_SZ;
import static io.github.ptmalloc4j.ptmalloc.Chunk.MINSIZE;
import static io.github.ptmalloc4j.ptmalloc.Chunk.SIZEOF_CHUNK;
import static io.github.ptmalloc4j.ptmalloc.Chunk.chunkSize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.fd;
import static io.github.ptmalloc4j.ptmalloc.Chunk.fdField;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Where the bytes of a heap are. Walks the chunks in bins, as mallinfo2(3) does, and no others: its cost is that of reading a
 * word or two of each free chunk.
 */
final class Snapshots {
    private Snapshots() {}

    /** The whole heap, each arena locked in turn. */
    static MallocSnapshot of(MallocPar mp, MallocState[] ring, Iterable<Tcache> tcaches) {
        int caches = 0;
        long cached = mp.arenas.transfer.bytes();
        long tables = 0;
        for (Tcache tcache : tcaches) {
            long table = tcache.tableSize();
            caches += table == 0 ? 0 : 1;
            tables += table;
            cached += tcache.cachedBytes();
        }
        List<ArenaSnapshot> arenas = Arrays.stream(ring)
                .map(Snapshots::of)
                .sorted(Comparator.comparingInt(ArenaSnapshot::index))
                .toList();
        return new MallocSnapshot(
                arenas,
                caches,
                cached,
                tables,
                mp.mmappedChunks.count(),
                mp.mmappedChunks.mem(),
                mp.calls.fill(tcaches),
                mp.calls.total(tcaches));
    }

    private static ArenaSnapshot of(MallocState av) {
        av.lock.lock();
        try {
            return ofLocked(av);
        } finally {
            av.lock.unlock();
        }
    }

    private static ArenaSnapshot ofLocked(MallocState av) {
        long fast = fastBytes(av);
        long bins = 0;
        long trimmable = trimmableTop(av);
        for (int i = 1; i < Bins.NBINS; i++) {
            long bin = av.binAt(i);
            for (long p = Bins.first(bin); p != bin; p = fd(p)) {
                bins += chunkSize(p);
                trimmable += wholePages(av.mp, p);
            }
        }
        long top = chunkSize(av.top);
        long overhead = av.isMain() ? av.retiredBytes() : heapOverhead(av);
        long held = av.systemMem - fast - bins - top - overhead;
        long binPages = av.isMain() ? av.binPages() : 0;
        long spare = av.isMain() ? 0 : spare(av);
        return new ArenaSnapshot(
                av.index,
                av.attachedThreads,
                av.systemMem + binPages + spare,
                held,
                fast,
                bins,
                top,
                overhead + binPages,
                spare,
                trimmable,
                av.operations);
    }

    private static long fastBytes(MallocState av) {
        long bytes = 0;
        for (int i = 0; i < Fastbins.NFASTBINS; i++) {
            for (long p = av.fastbinHead(i); p != 0; p = SafeLinking.reveal(fdField(p))) {
                if (Chunk.misaligned(p)) {
                    throw av.mp.mallocPrinterr("int_mallinfo(): unaligned fastbin chunk detected");
                }
                bytes += chunkSize(p);
            }
        }
        return bytes;
    }

    /** What {@link Systrim} would take off top. */
    private static long trimmableTop(MallocState av) {
        long size = chunkSize(av.top);
        if (!av.isMain() || size <= MINSIZE || av.mp.morecore(0) != av.top + size) {
            return 0;
        }
        return size - MINSIZE - 1 & -av.mp.breakGranularity();
    }

    /** What {@link Systrim} would give back of a free chunk. */
    private static long wholePages(MallocPar mp, long p) {
        long firstPage = p + SIZEOF_CHUNK + mp.pagesize - 1 & -mp.pagesize;
        return Math.max(0, chunkSize(p) - (firstPage - p) & -mp.pagesize);
    }

    /** Headers of heaps, the arena itself, and what ends each heap but the newest. */
    private static long heapOverhead(MallocState av) {
        long newest = HeapInfo.heapForPtr(av.mp, av.top);
        long bytes = 0;
        for (long heap = newest; heap != 0; heap = HeapInfo.prev(heap)) {
            bytes += HeapInfo.prev(heap) == 0 ? MallocState.firstChunk(heap) - heap : HeapInfo.SIZEOF;
            if (heap != newest) {
                long fencepost = HeapInfo.end(heap) - CHUNK_HDR_SZ & -Chunk.MALLOC_ALIGNMENT;
                bytes += HeapInfo.end(heap) - Chunk.prevChunk(fencepost);
            }
        }
        return bytes;
    }

    private static long spare(MallocState av) {
        long bytes = 0;
        for (long heap = HeapInfo.heapForPtr(av.mp, av.top); heap != 0; heap = HeapInfo.prev(heap)) {
            bytes += HeapInfo.mprotectSize(heap) - HeapInfo.size(heap);
        }
        return bytes;
    }
}
