package io.github.ptmalloc4j.benchmarks.allocators;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Objects; null is an empty slot. */
final class HandleBlocks<H> implements Blocks {
    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Object[].class);

    private final HandleAllocator<H> allocator;
    private final Object[] handles;

    HandleBlocks(HandleAllocator<H> allocator, int slots) {
        this.allocator = allocator;
        this.handles = new Object[slots];
    }

    @SuppressWarnings("unchecked")
    private H handle(int slot) {
        return (H) handles[slot];
    }

    @Override
    public void allocate(int slot, long bytes) {
        handles[slot] = allocator.allocate(bytes);
    }

    @Override
    public void allocateZeroed(int slot, long bytes) {
        handles[slot] = allocator.allocateZeroed(bytes);
    }

    @Override
    public void allocateAligned(int slot, long bytes, long alignment) {
        handles[slot] = allocator.allocateAligned(bytes, alignment);
    }

    @Override
    public void reallocate(int slot, long bytes) {
        H old = handle(slot);
        handles[slot] = old == null ? allocator.allocate(bytes) : allocator.reallocate(old, bytes);
    }

    @Override
    public void free(int slot) {
        H handle = handle(slot);
        if (handle != null) {
            allocator.free(handle);
            handles[slot] = null;
        }
    }

    @Override
    public boolean isEmpty(int slot) {
        return handles[slot] == null;
    }

    @Override
    public void exchange(int slot, Blocks other, int otherSlot) {
        handles[slot] = SLOT.getAndSet(((HandleBlocks<?>) other).handles, otherSlot, handles[slot]);
    }

    @Override
    public long address(int slot) {
        return allocator.address(handle(slot));
    }

    @Override
    public void putByte(int slot, long offset, byte value) {
        allocator.putByte(handle(slot), offset, value);
    }

    @Override
    public void putLong(int slot, long offset, long value) {
        allocator.putLong(handle(slot), offset, value);
    }

    @Override
    public long getLong(int slot, long offset) {
        return allocator.getLong(handle(slot), offset);
    }

    @Override
    public void fill(int slot, long from, long to) {
        allocator.fill(handle(slot), from, to);
    }
}
