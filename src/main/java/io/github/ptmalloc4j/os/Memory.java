package io.github.ptmalloc4j.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * Words and bytes at raw addresses.
 *
 * <p>One constant segment covers the whole address space, so that the JIT folds its bounds and an access costs what it
 * costs in C. Words are read through unaligned layouts: every header word is aligned anyway, and the alignment test of the
 * aligned layouts costs half as much again when pointers are chased. Nothing here checks an address: reading one that is
 * not mapped ends the process, as it does in C.
 */
public final class Memory {
    /** The whole address space. */
    @SuppressWarnings("restricted")
    public static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    /**
     * A 64-bit word of {@link #ALL}: what {@link #getLong} and {@link #putLong} use, for the few methods that are inlined wherever
     * programs allocate. How much the JIT inlines into one method is limited, and an access takes a thirtieth of it. When that is
     * used up, by whomever, every method left becomes a call; but not what the JDK marks, and a handle's accesses are marked.
     *
     * <p>Handles and not {@code ALL.get}: how deep the JIT inlines is limited, too, and this is one level less.
     */
    public static final VarHandle WORD = ValueLayout.JAVA_LONG_UNALIGNED.varHandle();

    private static final VarHandle HALF_WORD = ValueLayout.JAVA_INT_UNALIGNED.varHandle();
    private static final VarHandle QUARTER_WORD = ValueLayout.JAVA_CHAR_UNALIGNED.varHandle();
    private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();

    /**
     * The bits of an address that a program on x86-64 may have. The JIT drops the test against the end of memory where it
     * knows that an address has no others; masking once, in front of several accesses, is cheaper than as many tests.
     */
    public static final long USER_BITS = (1L << 47) - 1;

    /** Bytes that are cleared faster word by word than by a call. */
    private static final long LARGEST_BY_WORDS = 256;

    /** Bytes that the JDK sets faster than the C library, which has to be called. */
    private static final long LARGEST_BY_FILL = 64;

    /** Bytes that a call of the C library sets: while it does, the thread cannot be stopped for the garbage collector. */
    private static final long PIECE = 256 << 10;

    private Memory() {}

    /** The {@code bytes} bytes from {@code address} on as a segment without a scope: it never stops being accessible. */
    public static MemorySegment segment(long address, long bytes) {
        return ALL.asSlice(address, bytes);
    }

    /** The {@code bytes} bytes from {@code address} on as a segment that is accessible until {@code arena} is closed. */
    @SuppressWarnings("restricted")
    public static MemorySegment segment(long address, long bytes, Arena arena) {
        return MemorySegment.ofAddress(address).reinterpret(bytes, arena, null);
    }

    /**
     * Fills with 0, word by word where that is faster than a call.
     *
     * @param bytes a multiple of 8
     */
    public static void clearWords(long address, long bytes) {
        if (bytes > LARGEST_BY_WORDS) {
            fill(address, bytes, (byte) 0);
            return;
        }
        // No counted loop: unrolled, it would make this too large to vanish in its callers, and their segments real.
        long at = address;
        long end = address + bytes;
        for (; at + 32 <= end; at += 32) {
            long four = at & USER_BITS;
            putLong(four, 0);
            putLong(four + 8, 0);
            putLong(four + 16, 0);
            putLong(four + 24, 0);
        }
        if (at + 16 <= end) {
            long two = at & USER_BITS;
            putLong(two, 0);
            putLong(two + 8, 0);
            at += 16;
        }
        if (at != end) {
            putLong(at, 0);
        }
    }

    /** The 64-bit word at {@code address}. */
    public static long getLong(long address) {
        return (long) WORD.get(ALL, address);
    }

    /** Writes a 64-bit word at {@code address}. */
    public static void putLong(long address, long value) {
        WORD.set(ALL, address, value);
    }

    /** The 32-bit word at {@code address}. */
    public static int getInt(long address) {
        return (int) HALF_WORD.get(ALL, address);
    }

    /** Writes a 32-bit word at {@code address}. */
    public static void putInt(long address, int value) {
        HALF_WORD.set(ALL, address, value);
    }

    /** The unsigned 16-bit word at {@code address}. */
    public static int getUnsignedShort(long address) {
        return (char) QUARTER_WORD.get(ALL, address);
    }

    /** Writes the low 16 bits of {@code value} at {@code address}. */
    public static void putUnsignedShort(long address, int value) {
        QUARTER_WORD.set(ALL, address, (char) value);
    }

    /** The byte at {@code address}. */
    public static byte getByte(long address) {
        return (byte) BYTE.get(ALL, address);
    }

    /** Writes a byte at {@code address}. */
    public static void putByte(long address, byte value) {
        BYTE.set(ALL, address, value);
    }

    /** Sets {@code bytes} bytes from {@code address} on to {@code value}. */
    public static void fill(long address, long bytes, byte value) {
        if (bytes <= LARGEST_BY_FILL) {
            ALL.asSlice(address, bytes).fill(value);
            return;
        }
        long end = address + bytes;
        for (long at = address; at < end; at += PIECE) {
            memset(at, value, Math.min(PIECE, end - at));
        }
    }

    private static void memset(long address, int value, long bytes) {
        try {
            Memset.HANDLE.invokeExact(address, value, bytes);
        } catch (Throwable t) {
            throw Linux.unexpected(t);
        }
    }

    /** memset(3), linked when it is first needed: that takes a JVM that has just started some milliseconds. */
    private static final class Memset {
        static final MethodHandle HANDLE = Linux.link(
                "memset", FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_INT, JAVA_LONG), Linker.Option.critical(false));
    }

    /** Copies {@code bytes} bytes; the two ranges may overlap. */
    public static void copy(long from, long to, long bytes) {
        MemorySegment.copy(ALL, from, ALL, to, bytes);
    }
}
