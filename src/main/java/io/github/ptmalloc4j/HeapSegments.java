package io.github.ptmalloc4j;

import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.os.MeteredOs;
import io.github.ptmalloc4j.ptmalloc.LinkedMalloc;
import io.github.ptmalloc4j.ptmalloc.Mallinfo2;
import io.github.ptmalloc4j.ptmalloc.Malloc;
import io.github.ptmalloc4j.ptmalloc.SealedMalloc;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.ByteBuffer;

/**
 * A heap that gives segments instead of addresses; any thread may use it, and free what another got.
 *
 * <p>A segment has exactly the bounds asked for and the global scope: it needs no object where it does not escape, and nothing
 * stops its use after {@link #free} or after the heap was closed, which is undefined there as it is in C and may end the process.
 * Where that must be excluded take a {@link Lifetime}.
 *
 * <p>{@code free} and {@code reallocate} take a segment only as it was handed out. They recognise it by a seal of 8 bytes
 * behind its last one, made of its address, its size and a secret of the heap, and refuse with an
 * {@link IllegalArgumentException}, before the heap is touched,
 *
 * <ul>
 *   <li>a segment of a Java array, of another heap, of an arena, or anybody else's;
 *   <li>a slice, at the start or inside, and a read-only view;
 *   <li>one that was freed or resized before, also by another thread.
 * </ul>
 *
 * <p>Not caught: a second free after the same address was handed out again with the same size, since the two segments are then
 * equal in everything; two threads that free one segment at the same moment; an old segment, freed again at the moment when
 * another thread gives its memory back to the system, which may end the process; a segment freed by its address through
 * {@link Ptmalloc#free} and then again here; and a chance of one in 2⁶⁴.
 */
public final class HeapSegments implements SegmentSource {
    private final Malloc malloc;
    private final MeteredOs os;
    private final String name;
    private final SealedMalloc sealed;
    final LinkedMalloc linked;
    private final SharedEpochs epochs;

    HeapSegments(Malloc malloc, MeteredOs os, String name) {
        this.malloc = malloc;
        this.os = os;
        this.name = name;
        sealed = malloc.sealed();
        linked = malloc.linked();
        epochs = new SharedEpochs(this);
    }

    /**
     * A zeroed segment. One of 0 bytes has an address of its own, too.
     *
     * @throws IllegalArgumentException if the size is negative or the alignment no power of two
     * @throws OutOfMemoryError if there is no memory; it says what the heap holds
     */
    @Override
    public MemorySegment allocate(long bytes, long alignment) {
        checkAlignment(bytes, alignment);
        long mem = sealed.allocate(bytes, alignment, true);
        if (mem == 0) {
            throw refused(bytes, alignment);
        }
        return Memory.segment(mem, bytes);
    }

    @Override
    public SegmentAllocator uninitialized() {
        return (bytes, alignment) -> {
            checkAlignment(bytes, alignment);
            long mem = sealed.allocate(bytes, alignment, false);
            if (mem == 0) {
                throw refused(bytes, alignment);
            }
            return Memory.segment(mem, bytes);
        };
    }

    /**
     * Gives a segment back.
     *
     * @throws IllegalArgumentException if it is not one that this heap handed out and has not got back
     */
    public void free(MemorySegment segment) {
        if (!segment.isNative() || segment.isReadOnly() || !sealed.free(segment.address(), segment.byteSize())) {
            throw notOurs(segment);
        }
    }

    /** As {@link #reallocate(MemorySegment, long, long)} with an alignment of 16, which every segment has. */
    public MemorySegment reallocate(MemorySegment segment, long newBytes) {
        return reallocate(segment, newBytes, 1);
    }

    /**
     * The same contents in a segment of another size, in place where the heap can; what is new is zeroed. The old segment
     * must not be used any more, even if the address is the same.
     *
     * @param newBytes its size; 0 is a size like any other
     * @param alignment what its address is a multiple of: the old alignment is kept only if it is asked for again
     * @throws IllegalArgumentException as {@link #allocate(long, long)} and {@link #free(MemorySegment)}
     * @throws OutOfMemoryError if there is no memory; the old segment is as it was
     */
    public MemorySegment reallocate(MemorySegment segment, long newBytes, long alignment) {
        check(newBytes, alignment);
        long mem = !segment.isNative() || segment.isReadOnly()
                ? SealedMalloc.NOT_OURS
                : sealed.realloc(segment.address(), segment.byteSize(), newBytes, alignment, true);
        if (mem == SealedMalloc.NOT_OURS) {
            throw notOurs(segment);
        }
        if (mem == 0) {
            throw outOfMemory(newBytes, alignment);
        }
        return Memory.segment(mem, newBytes);
    }

    /**
     * A zeroed direct buffer, big-endian as every new buffer. The garbage collector does not free it:
     * {@link #free(ByteBuffer)} does, at once.
     *
     * @param bytes its capacity
     */
    public ByteBuffer allocateBuffer(int bytes) {
        return allocate(bytes, 1).asByteBuffer();
    }

    /**
     * Gives a buffer back, whatever its position, limit and byte order are.
     *
     * @throws IllegalArgumentException if it is not one that this heap handed out and has not got back; a slice is not
     */
    public void free(ByteBuffer buffer) {
        MemorySegment rest = MemorySegment.ofBuffer(buffer);
        boolean ours = rest.isNative()
                && !rest.isReadOnly()
                && sealed.free(rest.address() - buffer.position(), buffer.capacity());
        if (!ours) {
            throw notOurs(MemorySegment.ofBuffer(buffer.duplicate().clear()));
        }
    }

    /**
     * For one thread, with the promises of {@link java.lang.foreign.Arena#ofConfined()}: every use of a segment by another
     * thread or after {@code close} is caught.
     */
    public Lifetime confined() {
        return new ConfinedLifetime(this);
    }

    /**
     * As {@link #confined()}, for many small segments: they are cut one behind the other from larger pieces of the heap, of 1000
     * bytes to 64 KiB. Larger segments than a quarter of such a piece are taken from the heap one by one.
     */
    public Lifetime bump() {
        return new BumpLifetime(this);
    }

    /**
     * For any number of threads. {@link java.lang.foreign.Arena#ofShared()} stops every thread when it is closed; this one
     * does not, and makes up for it with patience: up to 256 shared lifetimes that were opened one after the other form an epoch,
     * which ends when all of them are closed. Only then is their memory freed, after one such stop for all.
     *
     * <p>Always caught: allocation after close, and a second close. No access, however late, reaches memory that somebody
     * else has got, or memory that is not there: before the end of the epoch it finds the memory as it was, and after it an
     * {@link IllegalStateException}.
     *
     * <p>Not caught: use of a segment between close and the end of the epoch; {@code scope().isAlive()} is true that long; a
     * close while a call of the system holds a segment of the lifetime, which {@code ofShared} refuses, is accepted, and the
     * memory kept until it is over.
     *
     * <p>What it costs is memory that waits. An epoch takes no new lifetimes once 4 MiB wait in it, so that each lifetime that
     * stays open holds back little more than that beside its own.
     */
    public Lifetime shared() {
        return new SharedLifetime(this, epochs);
    }

    /**
     * Ends every epoch; what still uses their segments finds an exception from now on.
     *
     * @throws IllegalStateException if a call of the system holds one of them; it may be tried again
     */
    void close() {
        epochs.close();
    }

    /** The checks and messages of the JDK. */
    static void check(long bytes, long alignment) {
        if (bytes < 0) {
            throw negative(bytes);
        }
        checkAlignment(bytes, alignment);
    }

    /** As far as a call that finds a block at once needs it: a negative size finds none and is {@link #refused}. */
    private static void checkAlignment(long bytes, long alignment) {
        if (alignment <= 0 || (alignment & alignment - 1) != 0) {
            throw bytes < 0
                    ? negative(bytes)
                    : new IllegalArgumentException("Invalid alignment constraint : " + alignment);
        }
    }

    private static IllegalArgumentException negative(long bytes) {
        return new IllegalArgumentException("The provided allocation size is negative: " + bytes);
    }

    private Error refused(long bytes, long alignment) {
        check(bytes, alignment);
        return outOfMemory(bytes, alignment);
    }

    static IllegalStateException alreadyClosed() {
        return new IllegalStateException("Already closed");
    }

    private static IllegalArgumentException notOurs(MemorySegment segment) {
        return new IllegalArgumentException("not a segment that this heap handed out and has not got back: " + segment);
    }

    OutOfMemoryError outOfMemory(long bytes, long alignment) {
        Mallinfo2 info = malloc.mallinfo2();
        String limit = os.limit() == MeteredOs.NONE ? "no limit" : "a limit of " + os.limit();
        return new OutOfMemoryError(
                ("%s has no memory for %d bytes aligned to %d: it maps %d bytes of %s, and holds %d bytes in use and %d free in"
                                + " arenas, and %d bytes in %d mappings")
                        .formatted(
                                name,
                                bytes,
                                alignment,
                                os.mapped(),
                                limit,
                                info.uordblks(),
                                info.fordblks(),
                                info.hblkhd(),
                                info.hblks()));
    }
}
