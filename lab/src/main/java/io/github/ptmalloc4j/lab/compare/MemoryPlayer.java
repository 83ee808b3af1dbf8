package io.github.ptmalloc4j.lab.compare;

import io.github.ptmalloc4j.lab.trace.Op;
import io.github.ptmalloc4j.os.Memory;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.IntConsumer;

/**
 * Writes every byte that is asked for, as the replayer in C does, and looks at two of them when the block is freed or
 * reallocated. The full check of contents is the checked pass's.
 */
final class MemoryPlayer extends Player {
    private final long[] size;
    private final IntConsumer sampler;
    private long refused;

    /**
     * A thread of a replay.
     *
     * @param size of each slot's block in bytes; the players of a replay share it
     * @param sampler called with the number of each sample
     */
    MemoryPlayer(Script script, int thread, Blocks blocks, AtomicLongArray made, long[] size, IntConsumer sampler) {
        super(script, thread, blocks, made);
        this.size = size;
        this.sampler = sampler;
    }

    long refused() {
        return refused;
    }

    @Override
    void sample(int number) {
        sampler.accept(number);
    }

    @Override
    void step(int code, int i) {
        int slot = part.slots()[i];
        Op op = Op.ofCode((byte) code);
        if (slot < 0) {
            call(code, i);
            return;
        }
        long address = blocks.address(slot);
        if (op == Op.WRITE) {
            fill(slot, address, Math.min(part.bytes()[i], size[slot]));
            return;
        }
        boolean lives = address != 0 && (op == Op.FREE || op == Op.REALLOC);
        if (lives) {
            require(slot, address, size[slot], i);
        }
        if (!call(code, i)) {
            refused++;
        } else if (op != Op.FREE) {
            settle(op, slot, lives ? size[slot] : 0, i);
        }
    }

    private void settle(Op op, int slot, long before, int i) {
        long address = blocks.address(slot);
        long bytes = part.bytes()[i];
        require(slot, address, address == 0 ? 0 : Math.min(before, bytes), i);
        size[slot] = op == Op.CALLOC ? part.arguments()[i] * bytes : bytes;
        fill(slot, address, size[slot]);
    }

    private static void fill(int slot, long address, long bytes) {
        if (address != 0 && bytes > 0) {
            Memory.fill(address, bytes, pattern(slot));
        }
    }

    private static byte pattern(int slot) {
        return (byte) (slot * 0x9d + 1);
    }

    private static void require(int slot, long address, long bytes, int i) {
        if (bytes > 0
                && (Memory.getByte(address) != pattern(slot) || Memory.getByte(address + bytes - 1) != pattern(slot))) {
            throw new IllegalStateException(
                    "operation %,d of its thread: the block lost its contents".formatted(i + 1));
        }
    }
}
