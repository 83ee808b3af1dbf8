package io.github.ptmalloc4j.benchmarks.allocators;

import static io.github.ptmalloc4j.benchmarks.allocators.AddressAllocator.must;

import io.github.ptmalloc4j.os.Memory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Addresses; 0 is an empty slot. */
final class AddressBlocks implements Blocks {
    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(long[].class);

    private final AddressAllocator allocator;
    private final long[] addresses;

    AddressBlocks(AddressAllocator allocator, int slots) {
        this.allocator = allocator;
        this.addresses = new long[slots];
    }

    @Override
    public void allocate(int slot, long bytes) {
        addresses[slot] = must(allocator.malloc(bytes), bytes);
    }

    @Override
    public void allocateZeroed(int slot, long bytes) {
        addresses[slot] = must(allocator.calloc(bytes), bytes);
    }

    @Override
    public void allocateAligned(int slot, long bytes, long alignment) {
        addresses[slot] = must(allocator.memalign(alignment, bytes), bytes);
    }

    @Override
    public void reallocate(int slot, long bytes) {
        addresses[slot] = must(allocator.realloc(addresses[slot], bytes), bytes);
    }

    @Override
    public void free(int slot) {
        allocator.free(addresses[slot]);
        addresses[slot] = 0;
    }

    @Override
    public boolean isEmpty(int slot) {
        return addresses[slot] == 0;
    }

    @Override
    public void exchange(int slot, Blocks other, int otherSlot) {
        addresses[slot] = (long) SLOT.getAndSet(((AddressBlocks) other).addresses, otherSlot, addresses[slot]);
    }

    @Override
    public long address(int slot) {
        return addresses[slot];
    }

    @Override
    public void putByte(int slot, long offset, byte value) {
        Memory.putByte(addresses[slot] + offset, value);
    }

    @Override
    public void putLong(int slot, long offset, long value) {
        Memory.putLong(addresses[slot] + offset, value);
    }

    @Override
    public long getLong(int slot, long offset) {
        return Memory.getLong(addresses[slot] + offset);
    }

    @Override
    public void fill(int slot, long from, long to) {
        Memory.fill(addresses[slot] + from, to - from, (byte) 1);
    }
}
