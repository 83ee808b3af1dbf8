package io.github.ptmalloc4j.benchmarks.allocators;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Where arenas come from. */
public interface Lifetimes extends AutoCloseable {
    /** {@link Arena#ofConfined}. */
    String OF_CONFINED = "ofConfined";

    /** {@link Arena#ofShared}. */
    String OF_SHARED = "ofShared";

    /** A confined arena whose segments come from the C library's calloc, each freed by a cleanup of its own: AllocTest's. */
    String CALLOC = "calloc";

    /** A fresh arena. */
    Arena begin();

    @Override
    default void close() {}

    /**
     * By name.
     *
     * @throws IllegalArgumentException if there is none
     */
    static Lifetimes open(String name) {
        return switch (name) {
            case OF_CONFINED -> Arena::ofConfined;
            case OF_SHARED -> Arena::ofShared;
            case CALLOC -> CallocArena.lifetimes();
            default -> throw new IllegalArgumentException("there is no lifetime " + name);
        };
    }

    /** Segments from a malloc, in a confined arena. */
    record CallocArena(AddressAllocator allocator, Arena backing) implements Arena {
        private static Lifetimes lifetimes() {
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
