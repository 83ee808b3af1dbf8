package io.github.ptmalloc4j.ptmalloc;

import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.os.MoreCore;
import io.github.ptmalloc4j.os.Os;
import java.util.ArrayList;
import java.util.List;

/**
 * A break that others move too, that refuses to grow when told to, and that remembers what it was asked. The range below
 * it is mapped as a whole, so that nothing that goes wrong here ends the process.
 */
final class FakeBreak implements MoreCore {
    static final long SIZE = 64L << 20;

    private final RecordingOs os;
    private final long base = Linux.KERNEL.mmap(0, SIZE, Os.PROT_READ | Os.PROT_WRITE, Os.MAP_NORESERVE);
    private final List<Long> increments = new ArrayList<>();
    private long current = base;
    private long limit = base + SIZE;
    private long returnedTooLittle;
    private boolean clears = true;
    private boolean closed;

    /** A break whose moves may fail together with the calls of {@code os}. */
    FakeBreak(RecordingOs os) {
        this.os = os;
    }

    FakeBreak() {
        this(new RecordingOs());
    }

    /** Somebody else moves the break; returns where it was. */
    long foreignSbrk(long increment) {
        long previous = current;
        current += increment;
        return previous;
    }

    /** From now on the break can go no further than this many bytes above where it is. */
    void refuseGrowthBeyond(long bytes) {
        limit = current + bytes;
    }

    /** The next time the break goes down it stops this many bytes early. */
    void stopEarlyBy(long bytes) {
        returnedTooLittle = bytes;
    }

    /** From now on memory that comes back is not zero, as no kernel leaves it. */
    void keepContentsWhenShrinking() {
        clears = false;
    }

    /** What the break was asked to move by, questions left out. */
    List<Long> increments() {
        return increments;
    }

    long base() {
        return base;
    }

    long current() {
        return current;
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public long morecore(long increment) {
        if (increment == 0) {
            return current;
        }
        increments.add(increment);
        if (os.fails() || increment > limit - current) {
            return FAILURE;
        }
        long previous = current;
        current += increment;
        if (increment < 0) {
            current += returnedTooLittle;
            returnedTooLittle = 0;
            if (clears) {
                Memory.fill(current, previous - current, (byte) 0);
            }
        }
        return previous;
    }

    @Override
    public void close() {
        closed = true;
        Linux.KERNEL.munmap(base, SIZE);
    }
}
