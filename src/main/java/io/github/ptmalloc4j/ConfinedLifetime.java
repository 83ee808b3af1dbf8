package io.github.ptmalloc4j;

/** See {@link HeapSegments#confined()}: each segment is a block of the heap's. */
final class ConfinedLifetime extends OwnedLifetime {
    ConfinedLifetime(HeapSegments heap) {
        super(heap);
    }

    @Override
    long place(long bytes, long alignment, boolean zeroed) {
        return chained(blocks.allocate(bytes, alignment, zeroed, chain), bytes, alignment);
    }
}
