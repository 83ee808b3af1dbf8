package io.github.ptmalloc4j.lab.conform;

import static io.github.ptmalloc4j.lab.conform.Operations.ALIGNED_ALLOC;
import static io.github.ptmalloc4j.lab.conform.Operations.CALLOC;
import static io.github.ptmalloc4j.lab.conform.Operations.EXHAUST;
import static io.github.ptmalloc4j.lab.conform.Operations.EXIT;
import static io.github.ptmalloc4j.lab.conform.Operations.FOREIGN_SBRK;
import static io.github.ptmalloc4j.lab.conform.Operations.FREE;
import static io.github.ptmalloc4j.lab.conform.Operations.MALLOC;
import static io.github.ptmalloc4j.lab.conform.Operations.MALLOPT;
import static io.github.ptmalloc4j.lab.conform.Operations.MEMALIGN;
import static io.github.ptmalloc4j.lab.conform.Operations.POSIX_MEMALIGN;
import static io.github.ptmalloc4j.lab.conform.Operations.PVALLOC;
import static io.github.ptmalloc4j.lab.conform.Operations.REALLOC;
import static io.github.ptmalloc4j.lab.conform.Operations.TRIM;
import static io.github.ptmalloc4j.lab.conform.Operations.TURN;
import static io.github.ptmalloc4j.lab.conform.Operations.VALLOC;
import static io.github.ptmalloc4j.lab.conform.Operations.WALL;

import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.os.MoreCore;
import io.github.ptmalloc4j.ptmalloc.HeapChunk;
import io.github.ptmalloc4j.ptmalloc.Malloc;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import java.util.List;

/**
 * Our engine, performing the operations that the oracle performed.
 *
 * <p>Beside comparing it looks after what the oracle cannot tell: it writes a mark into both ends of each block and expects
 * to find it when the block is freed or resized, and expects zeros in what calloc returns.
 */
final class Subject implements AutoCloseable {
    /** Blocks up to this size are looked through whole for zeros, larger ones in places: bytes. */
    private static final long LOOKED_THROUGH = 4096;

    private static final int PLACES = 64;

    private static final int MMAPPED = 2;
    private static final int NON_MAIN_ARENA = 4;

    private final PlacedMappings mappings = new PlacedMappings(Linux.KERNEL);
    private final WalledBreak moreCore;
    private final Malloc malloc;
    private final ScriptThreads threads;
    private final ArenaHeaps arenaHeaps = new ArenaHeaps();
    private final long start;
    private final long[] blocks;
    private final long[] marks;
    private long lastMark;

    /** A fresh heap on a break, for a sequence that the calling thread begins. */
    Subject(WalledBreak moreCore, Tunables tunables, Operations operations) {
        this.moreCore = moreCore;
        this.start = moreCore.align();
        this.malloc = new Malloc(mappings, moreCore, tunables);
        this.blocks = new long[operations.idLimit()];
        this.marks = new long[operations.idLimit()];
        this.threads = new ScriptThreads(malloc);
        threads.start(operations.threads());
    }

    /** The threads that perform the operations. */
    ScriptThreads threads() {
        return threads;
    }

    /**
     * Performs one operation.
     *
     * @param expected the oracle's answer; memory at an address that contradicts it is not touched
     * @throws AssertionError if a block does not hold what it must
     */
    Answer perform(Operations operations, int index, Answer expected) {
        char call = operations.call(index);
        int id = operations.id(index);
        long first = operations.first(index);
        long second = operations.second(index);
        placeMapping(call, first, expected);
        return switch (call) {
            case MALLOC -> fresh(id, malloc.malloc(first), expected);
            case CALLOC -> zeroed(id, malloc.calloc(first, second), first * second, expected);
            case REALLOC -> resized(id, first, expected);
            case FREE -> freed(id);
            case MEMALIGN, ALIGNED_ALLOC -> fresh(id, malloc.memalign(first, second), expected);
            case POSIX_MEMALIGN -> posix(id, malloc.posixMemalign(first, second), expected);
            case VALLOC -> fresh(id, malloc.valloc(first), expected);
            case PVALLOC -> fresh(id, malloc.pvalloc(first), expected);
            case TRIM -> number(malloc.mallocTrim(first) ? 1 : 0);
            case MALLOPT -> number(malloc.mallopt((int) first, (int) second) ? 1 : 0);
            case FOREIGN_SBRK -> number(foreignSbrk(first));
            case WALL -> walled(first);
            case EXHAUST -> exhausted(first != 0);
            case TURN -> turned(first);
            case EXIT -> exited();
            default -> throw new IllegalArgumentException("no such call: " + call);
        };
    }

    private void placeMapping(char call, long alignment, Answer expected) {
        boolean aligned = call == MEMALIGN || call == ALIGNED_ALLOC || call == POSIX_MEMALIGN;
        if (aligned && Long.compareUnsigned(alignment, 4096) > 0 && expected.mmapped()) {
            mappings.placeLike(expected.address() - 16 - expected.foot());
        } else if (expected.elsewhere()) {
            // If this call maps a new area, the chunk is the first in it.
            mappings.placeLike(expected.address() - 16 & -4096);
        } else {
            mappings.placeAnywhere();
        }
    }

    private Answer fresh(int id, long mem, Answer expected) {
        Answer answer = describe(mem, expected);
        blocks[id] = mem;
        if (mem != 0 && answer.agrees(expected)) {
            mark(id, answer.usable());
        }
        return answer;
    }

    private Answer zeroed(int id, long mem, long bytes, Answer expected) {
        if (mem != 0 && describe(mem, expected).agrees(expected)) {
            requireZeros(mem, bytes);
        }
        return fresh(id, mem, expected);
    }

    private Answer resized(int id, long bytes, Answer expected) {
        long old = blocks[id];
        long oldUsable = old == 0 ? 0 : malloc.mallocUsableSize(old);
        requireMarks(id, oldUsable, oldUsable);
        long mem = malloc.realloc(old, bytes);
        if (mem == 0 && bytes != 0) {
            return number(0);
        }
        Answer answer = describe(mem, expected);
        blocks[id] = mem;
        if (mem != 0 && answer.agrees(expected)) {
            requireMarks(id, oldUsable, answer.usable());
            mark(id, answer.usable());
        }
        return answer;
    }

    private Answer freed(int id) {
        if (blocks[id] != 0) {
            long usable = malloc.mallocUsableSize(blocks[id]);
            requireMarks(id, usable, usable);
        }
        malloc.free(blocks[id]);
        blocks[id] = 0;
        return number(0);
    }

    private Answer posix(int id, long memOrError, Answer expected) {
        if (memOrError == -Malloc.EINVAL || memOrError == -Malloc.ENOMEM) {
            blocks[id] = 0;
            return new Answer(0, 0, -memOrError, 0, breakNow());
        }
        return fresh(id, memOrError, expected);
    }

    private Answer walled(long room) {
        moreCore.wall(room);
        return number(0);
    }

    private Answer exhausted(boolean now) {
        mappings.exhaust(now);
        moreCore.exhaust(now);
        return number(0);
    }

    private Answer turned(long thread) {
        threads.turnTo(thread);
        return number(0);
    }

    private Answer exited() {
        threads.exit();
        return number(0);
    }

    private long foreignSbrk(long bytes) {
        long old = moreCore.morecore(bytes);
        return old == MoreCore.FAILURE ? -1 : old - start;
    }

    private Answer number(long number) {
        return new Answer(number, 0, 0, 0, breakNow());
    }

    private Answer describe(long mem, Answer expected) {
        if (mem == 0) {
            return number(0);
        }
        if (!expected.mmapped() && !expected.elsewhere() && offset(mem, expected) != expected.address()) {
            // Wherever this is, it is not where it should be, and may not be memory at all.
            return new Answer(mem - start, -1, 0, 0, breakNow());
        }
        long usable = malloc.mallocUsableSize(mem);
        long head = Memory.getLong(mem - 8);
        if ((head & MMAPPED) != 0) {
            return new Answer(mem, usable, head, Memory.getLong(mem - 16), breakNow());
        }
        if ((head & NON_MAIN_ARENA) != 0) {
            return new Answer(mem & ArenaHeaps.HEAP - 1, usable, head, arenaHeaps.name(mem), breakNow());
        }
        return new Answer(mem - start, usable, head, 0, breakNow());
    }

    /** How far a block lies from the start of its heap, if it lies in the same kind of heap as the oracle's. */
    private long offset(long mem, Answer expected) {
        boolean inMain = mem >= start && mem < moreCore.morecore(0);
        return expected.inArenaHeap() && !inMain ? mem & ArenaHeaps.HEAP - 1 : mem - start;
    }

    /** About where in our heap the block of an answer is, in bytes from the start of the main heap. */
    long fromStart(Answer answer) {
        return answer.inArenaHeap() ? arenaHeaps.address(answer.foot()) + answer.address() - start : answer.address();
    }

    private long breakNow() {
        return moreCore.morecore(0) - start;
    }

    private void mark(int id, long usable) {
        marks[id] = ++lastMark;
        Memory.putLong(blocks[id], lastMark);
        Memory.putLong(blocks[id] + usable - 8, lastMark);
    }

    /** The marks of a block that had {@code oldUsable} bytes and now has {@code usable}. */
    private void requireMarks(int id, long oldUsable, long usable) {
        long mem = blocks[id];
        if (mem == 0 || oldUsable == 0) {
            return;
        }
        require(mem, marks[id], "the first word of block " + id);
        if (usable >= oldUsable) {
            require(mem + oldUsable - 8, marks[id], "the last word of block " + id);
        }
    }

    private void requireZeros(long mem, long bytes) {
        long words = bytes / 8;
        long step = bytes <= LOOKED_THROUGH ? 1 : words / PLACES;
        for (long word = 0; word < words; word += step) {
            require(mem + 8 * word, 0, "a word that calloc should have cleared");
        }
        if (words > 0) {
            require(mem + 8 * (words - 1), 0, "the last word that calloc should have cleared");
        }
    }

    private void require(long address, long value, String what) {
        long found = Memory.getLong(address);
        if (found != value) {
            throw new AssertionError("%s, at 0x%x from the start, holds 0x%x instead of 0x%x"
                    .formatted(what, address - start, found, value));
        }
    }

    Statistics statistics() {
        return new Statistics(malloc.mallinfo2(), malloc.mallocInfo());
    }

    /** Every chunk, addresses as they are. */
    List<HeapChunk> walk() {
        return malloc.walk();
    }

    /** Verifies every invariant; throws {@link AssertionError}. */
    void check() {
        malloc.check();
    }

    /** The address from which addresses count. */
    long start() {
        return start;
    }

    /** Gives everything back, the break included. */
    @Override
    public void close() {
        threads.close();
        try {
            malloc.close();
        } finally {
            moreCore.close();
        }
    }
}
