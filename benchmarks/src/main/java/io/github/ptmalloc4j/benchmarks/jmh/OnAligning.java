package io.github.ptmalloc4j.benchmarks.jmh;

import io.github.ptmalloc4j.benchmarks.allocators.Allocators;
import org.openjdk.jmh.annotations.Param;

/** Benchmarks of aligned blocks. Netty aligns all buffers alike, if at all. */
public abstract class OnAligning extends AllocatorBenchmark {
    /** As {@link Allocators#open} takes it. */
    @Param({
        Allocators.PTMALLOC4J_GLIBC,
        Allocators.PTMALLOC4J_SERVICE,
        Allocators.PTMALLOC4J_SEGMENTS,
        Allocators.PTMALLOC4J_BUFFERS,
        Allocators.LIBC,
        Allocators.LIBC_CRITICAL,
        Allocators.ARENA_CONFINED,
        Allocators.ARENA_SHARED,
        Allocators.DIRECT,
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
