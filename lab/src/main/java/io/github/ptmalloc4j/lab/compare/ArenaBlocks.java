package io.github.ptmalloc4j.lab.compare;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Blocks of the JDK, each with an arena of its own: only so can it be given back alone. The JDK zeroes all of them. */
final class ArenaBlocks extends HandleBlocks<ArenaBlocks.Block> {
    private final boolean shared;

    ArenaBlocks(int slots, boolean shared) {
        super(slots);
        this.shared = shared;
    }

    record Block(Arena arena, MemorySegment segment) {}

    @Override
    Block allocate(long bytes, long alignment, boolean zeroed) {
        Arena arena = shared ? Arena.ofShared() : Arena.ofConfined();
        try {
            return new Block(arena, arena.allocate(bytes, alignment));
        } catch (OutOfMemoryError | IllegalArgumentException e) {
            arena.close();
            throw e;
        }
    }

    @Override
    MemorySegment segment(Block block) {
        return block.segment;
    }

    @Override
    void release(Block block) {
        block.arena.close();
    }
}
