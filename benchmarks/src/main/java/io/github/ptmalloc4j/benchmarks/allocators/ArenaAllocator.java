package io.github.ptmalloc4j.benchmarks.allocators;

import io.github.ptmalloc4j.os.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Supplier;

/** An arena of the JDK for each block, which is how single blocks are freed with them. Always zeroed. */
final class ArenaAllocator extends HandleAllocator<ArenaAllocator.Held> {
    private final Supplier<Arena> arenas;

    ArenaAllocator(Supplier<Arena> arenas) {
        this.arenas = arenas;
    }

    /** A block, and what frees it. */
    record Held(Arena arena, MemorySegment segment) {}

    @Override
    Held allocate(long bytes) {
        return allocateAligned(bytes, 1);
    }

    @Override
    Held allocateZeroed(long bytes) {
        return allocate(bytes);
    }

    @Override
    Held allocateAligned(long bytes, long alignment) {
        Arena arena = arenas.get();
        return new Held(arena, arena.allocate(bytes, alignment));
    }

    @Override
    Held reallocate(Held old, long bytes) {
        Held held = allocate(bytes);
        MemorySegment.copy(old.segment, 0, held.segment, 0, Math.min(bytes, old.segment.byteSize()));
        free(old);
        return held;
    }

    @Override
    void free(Held held) {
        held.arena.close();
    }

    @Override
    long address(Held held) {
        return held.segment.address();
    }

    @Override
    void putByte(Held held, long offset, byte value) {
        held.segment.set(ValueLayout.JAVA_BYTE, offset, value);
    }

    @Override
    void putLong(Held held, long offset, long value) {
        held.segment.set(ValueLayout.JAVA_LONG_UNALIGNED, offset, value);
    }

    @Override
    long getLong(Held held, long offset) {
        return held.segment.get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
    }

    @Override
    void fill(Held held, long from, long to) {
        Memory.fill(held.segment.address() + from, to - from, (byte) 1);
    }
}
