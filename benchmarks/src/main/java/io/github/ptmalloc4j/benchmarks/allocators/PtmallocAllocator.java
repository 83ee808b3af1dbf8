package io.github.ptmalloc4j.benchmarks.allocators;

import io.github.ptmalloc4j.Ptmalloc;
import io.github.ptmalloc4j.ptmalloc.Mallinfo2;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The heap of this project, by addresses. */
final class PtmallocAllocator extends AddressAllocator {
    private static final Pattern ARENAS_MAX = Pattern.compile("<system type=\"max\" size=\"(\\d+)\"/>");

    private final CountedHeap counted;
    private final Ptmalloc heap;

    PtmallocAllocator(CountedHeap counted) {
        this.counted = counted;
        this.heap = counted.heap();
    }

    @Override
    long malloc(long bytes) {
        return heap.malloc(bytes);
    }

    @Override
    long calloc(long bytes) {
        return heap.calloc(1, bytes);
    }

    @Override
    long memalign(long alignment, long bytes) {
        return heap.memalign(alignment, bytes);
    }

    @Override
    long realloc(long mem, long bytes) {
        return heap.realloc(mem, bytes);
    }

    @Override
    void free(long mem) {
        heap.free(mem);
    }

    /** The last such element of malloc_info is the sum. */
    @Override
    public long arenaBytesMax() {
        Matcher matcher = ARENAS_MAX.matcher(heap.mallocInfo());
        long bytes = 0;
        while (matcher.find()) {
            bytes = Long.parseLong(matcher.group(1));
        }
        return bytes;
    }

    @Override
    public long systemBytes() {
        Mallinfo2 info = heap.mallinfo2();
        return info.arena() + info.hblkhd();
    }

    @Override
    public void close() {
        counted.close();
    }
}
