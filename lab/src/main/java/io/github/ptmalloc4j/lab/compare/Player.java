package io.github.ptmalloc4j.lab.compare;

import io.github.ptmalloc4j.lab.trace.Op;
import java.util.concurrent.atomic.AtomicLongArray;

/** One thread of a replay. What it does with the blocks beyond the calls is for those that extend it. */
abstract class Player {
    /** Apart by two cache lines: each thread writes its own. */
    private static final int STRIDE = 16;

    private static final int SPINS_BEFORE_YIELD = 200;
    private static final int CODE = 0xff;
    private static final int FLAGS_SHIFT = 8;
    private static final int WAIT_FOR_SHIFT = 16;
    private static final int PAGE = 4096;

    final Script.Part part;
    final Blocks blocks;
    private final int thread;
    private final AtomicLongArray made;
    private int waits;
    private int samples;

    /**
     * A thread of a replay.
     *
     * @param made how many operations the threads have made: {@link #progressOf}
     */
    Player(Script script, int thread, Blocks blocks, AtomicLongArray made) {
        this.part = script.parts()[thread];
        this.thread = thread;
        this.blocks = blocks;
        this.made = made;
    }

    /** Where the threads of a replay tell one another how far they are. */
    static AtomicLongArray progressOf(Script script) {
        return new AtomicLongArray(STRIDE * script.parts().length);
    }

    /** Makes all operations. */
    final void run() {
        int[] heads = part.heads();
        for (int i = 0; i < heads.length; i++) {
            int head = heads[i];
            int flags = head >> FLAGS_SHIFT & CODE;
            if (flags == 0) {
                step(head & CODE, i);
            } else {
                stepWithFlags(head, flags, i);
            }
        }
    }

    private void stepWithFlags(int head, int flags, int i) {
        if ((flags & TraceImage.WAIT) != 0) {
            await(head >>> WAIT_FOR_SHIFT, part.waits()[waits++]);
        }
        step(head & CODE, i);
        if ((flags & TraceImage.PUBLISH) != 0) {
            made.setRelease(STRIDE * thread, i + 1L);
        }
        if ((flags & TraceImage.TAKE_SAMPLE) != 0) {
            sample(part.sampleNumbers()[samples++]);
        }
    }

    private void await(int other, int operations) {
        for (int spins = 0; made.getAcquire(STRIDE * other) < operations; spins++) {
            if (spins < SPINS_BEFORE_YIELD) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
    }

    abstract void step(int code, int i);

    abstract void sample(int number);

    /** Makes the call of operation {@code i}; whether it was granted. */
    final boolean call(int code, int i) {
        int slot = part.slots()[i];
        long bytes = part.bytes()[i];
        switch (Op.ofCode((byte) code)) {
            case MALLOC:
                return blocks.malloc(slot, bytes);
            case FREE:
                blocks.free(slot);
                return true;
            case REALLOC:
                return blocks.realloc(slot, bytes);
            case WRITE:
                return true;
            case CALLOC:
                return blocks.calloc(slot, part.arguments()[i], bytes);
            case MEMALIGN, ALIGNED_ALLOC:
                return blocks.memalign(slot, part.arguments()[i], bytes);
            case POSIX_MEMALIGN:
                return isPointerAlignment(part.arguments()[i]) && blocks.memalign(slot, part.arguments()[i], bytes);
            case VALLOC:
                return blocks.memalign(slot, PAGE, bytes);
            case PVALLOC:
                return bytes >>> 63 == 0 && blocks.memalign(slot, PAGE, bytes + PAGE - 1 & -PAGE);
            case TRIM:
                blocks.trim(bytes);
                return true;
            case MALLOPT:
                blocks.mallopt((int) part.arguments()[i], (int) bytes);
                return true;
        }
        throw new AssertionError("an image of a trace has no operation " + code);
    }

    private static boolean isPointerAlignment(long alignment) {
        return Long.bitCount(alignment) == 1 && Long.compareUnsigned(alignment, Long.BYTES) >= 0;
    }
}
