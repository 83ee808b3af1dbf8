package io.github.ptmalloc4j.lab.compare;

import io.github.ptmalloc4j.Ptmalloc;
import io.github.ptmalloc4j.ptmalloc.Tunables;

/** Blocks of a fresh heap of this project. */
final class PtmallocBlocks extends AddressBlocks {
    private final Ptmalloc heap;

    PtmallocBlocks(int slots, Tunables tunables, boolean programBreak) {
        super(slots);
        heap = programBreak ? Ptmalloc.onProgramBreak(tunables) : Ptmalloc.create(tunables);
    }

    @Override
    long malloc(long bytes) {
        return heap.malloc(bytes);
    }

    @Override
    long calloc(long count, long bytes) {
        return heap.calloc(count, bytes);
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

    @Override
    void trim(long pad) {
        heap.mallocTrim(pad);
    }

    @Override
    void mallopt(int parameter, int value) {
        heap.mallopt(parameter, value);
    }

    @Override
    public void close() {
        heap.close();
    }
}
