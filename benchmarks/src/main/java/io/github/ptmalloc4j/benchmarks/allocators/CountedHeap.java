package io.github.ptmalloc4j.benchmarks.allocators;

import io.github.ptmalloc4j.Ptmalloc;
import io.github.ptmalloc4j.benchmarks.prof.HeapCalls;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import java.util.function.LongSupplier;

/** A heap of this project whose system calls the profiler can count where the kernel does not tell. */
record CountedHeap(Ptmalloc heap, LongSupplier systemCalls) implements AutoCloseable {
    static CountedHeap create(Tunables tunables) {
        return of(Ptmalloc.create(tunables));
    }

    /** A heap that is closed with it. */
    static CountedHeap of(Ptmalloc heap) {
        LongSupplier calls = () -> heap.snapshot().systemCalls().total();
        HeapCalls.add(calls);
        return new CountedHeap(heap, calls);
    }

    @Override
    public void close() {
        HeapCalls.remove(systemCalls);
        heap.close();
    }
}
