package io.github.ptmalloc4j.benchmarks.allocators;

import static io.github.ptmalloc4j.benchmarks.allocators.Allocators.ON_SERVICE;

import io.github.ptmalloc4j.HeapSegments;
import io.github.ptmalloc4j.Lifetime;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Function;
import java.util.function.Supplier;

/** Arenas, each of which is opened, allocates and is closed: the allocator of the workload {@code lifetime} only. */
public final class Lifetimes implements Allocator {
    /** {@link Arena#ofConfined}. */
    public static final String OF_CONFINED = "ofConfined";

    /** {@link Arena#ofShared}. */
    public static final String OF_SHARED = "ofShared";

    /** A confined arena whose segments come from the C library's calloc, each freed by a cleanup of its own: AllocTest's. */
    public static final String CALLOC = "calloc-arena";

    /** Our heap's {@link io.github.ptmalloc4j.HeapSegments#confined}. */
    public static final String PTMALLOC4J_CONFINED = "ptmalloc4j-confined";

    /** Our heap's {@link io.github.ptmalloc4j.HeapSegments#bump}. */
    public static final String PTMALLOC4J_BUMP = "ptmalloc4j-bump";

    /** Our heap's {@link io.github.ptmalloc4j.HeapSegments#shared}. */
    public static final String PTMALLOC4J_SHARED = "ptmalloc4j-shared";

    private final Supplier<? extends Arena> arenas;
    private final Runnable close;

    private Lifetimes(Supplier<? extends Arena> arenas, Runnable close) {
        this.arenas = arenas;
        this.close = close;
    }

    /**
     * By name; ours also with {@link Allocators#ON_SERVICE} behind it.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Lifetimes open(String name) {
        return switch (name) {
            case OF_CONFINED -> new Lifetimes(Arena::ofConfined, () -> {});
            case OF_SHARED -> new Lifetimes(Arena::ofShared, () -> {});
            case CALLOC -> new Lifetimes(CallocArena.arenas(), () -> {});
            case PTMALLOC4J_CONFINED -> ofHeap(Tunables.GLIBC, segments -> segments::confined);
            case PTMALLOC4J_CONFINED + ON_SERVICE -> ofHeap(Tunables.service(), segments -> segments::confined);
            case PTMALLOC4J_BUMP -> ofHeap(Tunables.GLIBC, segments -> segments::bump);
            case PTMALLOC4J_BUMP + ON_SERVICE -> ofHeap(Tunables.service(), segments -> segments::bump);
            case PTMALLOC4J_SHARED -> ofHeap(Tunables.GLIBC, segments -> segments::shared);
            case PTMALLOC4J_SHARED + ON_SERVICE -> ofHeap(Tunables.service(), segments -> segments::shared);
            default -> throw new IllegalArgumentException("there is no lifetime " + name);
        };
    }

    private static Lifetimes ofHeap(Tunables tunables, Function<HeapSegments, Supplier<Lifetime>> arenas) {
        CountedHeap counted = CountedHeap.create(tunables);
        return new Lifetimes(arenas.apply(counted.heap().segments()), counted::close);
    }

    /** A fresh arena. */
    public Arena begin() {
        return arenas.get();
    }

    @Override
    public void pair(long bytes) {
        try (Arena arena = begin()) {
            arena.allocate(bytes, 1).set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
        }
    }

    @Override
    public Blocks blocks(int slots) {
        throw new UnsupportedOperationException("a lifetime frees all its segments together");
    }

    @Override
    public void close() {
        close.run();
    }

    /** Segments from a malloc, in a confined arena. */
    private record CallocArena(AddressAllocator allocator, Arena backing) implements Arena {
        static Supplier<Arena> arenas() {
            AddressAllocator allocator = (AddressAllocator) Allocators.open(Allocators.LIBC);
            return () -> new CallocArena(allocator, Arena.ofConfined());
        }

        @Override
        @SuppressWarnings("restricted")
        public MemorySegment allocate(long bytes, long alignment) {
            if (alignment > 16) {
                throw new IllegalArgumentException("calloc aligns to 16, not to " + alignment);
            }
            long mem = AddressAllocator.must(allocator.calloc(bytes), bytes);
            return MemorySegment.ofAddress(mem)
                    .reinterpret(bytes, backing, segment -> allocator.free(segment.address()));
        }

        @Override
        public MemorySegment.Scope scope() {
            return backing.scope();
        }

        @Override
        public void close() {
            backing.close();
        }
    }
}
