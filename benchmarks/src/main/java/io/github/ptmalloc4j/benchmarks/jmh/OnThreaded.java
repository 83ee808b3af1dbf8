package io.github.ptmalloc4j.benchmarks.jmh;

import io.github.ptmalloc4j.benchmarks.allocators.Allocators;
import org.openjdk.jmh.annotations.Param;

/** Benchmarks in which one thread frees what another allocated. Not on confined arenas, which forbid it, and not on
 * shared ones, which stop all threads for every block: a run would take a minute. */
public abstract class OnThreaded extends AllocatorBenchmark {
    /** As {@link Allocators#open} takes it. */
    @Param({
        Allocators.PTMALLOC4J_GLIBC,
        Allocators.PTMALLOC4J_SERVICE,
        Allocators.PTMALLOC4J_SEGMENTS,
        Allocators.PTMALLOC4J_BUFFERS,
        Allocators.LIBC,
        Allocators.LIBC_CRITICAL,
        Allocators.DIRECT,
        Allocators.NETTY_POOLED,
        Allocators.NETTY_ADAPTIVE,
        Allocators.JEMALLOC,
        Allocators.MIMALLOC,
        Allocators.TCMALLOC
    })
    public String allocator;

    @Override
    final String allocatorName() {
        return allocator;
    }
}
