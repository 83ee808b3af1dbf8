package io.github.ptmalloc4j;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.charset.Charset;

/**
 * An allocator whose segments are zeroed, unless they are asked for through {@link #uninitialized()}. What
 * {@code allocateFrom} overwrites is not zeroed before. Safe for any thread unless it says otherwise.
 */
public interface SegmentSource extends SegmentAllocator {
    /** The same allocator, giving segments with undefined contents. */
    SegmentAllocator uninitialized();

    @Override
    default MemorySegment allocateFrom(String text, Charset charset) {
        int terminator = bytesOfTerminator(charset);
        byte[] bytes = text.getBytes(charset);
        MemorySegment segment = uninitialized().allocate((long) bytes.length + terminator);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
        segment.asSlice(bytes.length).fill((byte) 0);
        return segment;
    }

    private static int bytesOfTerminator(Charset charset) {
        return switch (charset.name()) {
            case "UTF-8", "ISO-8859-1", "US-ASCII" -> 1;
            case "UTF-16", "UTF-16LE", "UTF-16BE" -> 2;
            case "UTF-32", "UTF-32LE", "UTF-32BE" -> 4;
            default -> throw new IllegalArgumentException("Unsupported charset: " + charset);
        };
    }

    @Override
    default MemorySegment allocateFrom(ValueLayout.OfByte layout, byte value) {
        MemorySegment segment = uninitialized().allocate(layout);
        segment.set(layout, 0, value);
        return segment;
    }

    @Override
    default MemorySegment allocateFrom(ValueLayout.OfChar layout, char value) {
        MemorySegment segment = uninitialized().allocate(layout);
        segment.set(layout, 0, value);
        return segment;
    }

    @Override
    default MemorySegment allocateFrom(ValueLayout.OfShort layout, short value) {
        MemorySegment segment = uninitialized().allocate(layout);
        segment.set(layout, 0, value);
        return segment;
    }

    @Override
    default MemorySegment allocateFrom(ValueLayout.OfInt layout, int value) {
        MemorySegment segment = uninitialized().allocate(layout);
        segment.set(layout, 0, value);
        return segment;
    }

    @Override
    default MemorySegment allocateFrom(ValueLayout.OfFloat layout, float value) {
        MemorySegment segment = uninitialized().allocate(layout);
        segment.set(layout, 0, value);
        return segment;
    }

    @Override
    default MemorySegment allocateFrom(ValueLayout.OfLong layout, long value) {
        MemorySegment segment = uninitialized().allocate(layout);
        segment.set(layout, 0, value);
        return segment;
    }

    @Override
    default MemorySegment allocateFrom(ValueLayout.OfDouble layout, double value) {
        MemorySegment segment = uninitialized().allocate(layout);
        segment.set(layout, 0, value);
        return segment;
    }

    @Override
    default MemorySegment allocateFrom(AddressLayout layout, MemorySegment value) {
        if (value == null) {
            throw new NullPointerException();
        }
        MemorySegment segment = uninitialized().allocate(layout);
        segment.set(layout, 0, value);
        return segment;
    }

    /** The overload to which all those with arrays lead. */
    @Override
    default MemorySegment allocateFrom(
            ValueLayout layout, MemorySegment source, ValueLayout sourceLayout, long sourceOffset, long count) {
        if (source == null || sourceLayout == null) {
            throw new NullPointerException();
        }
        MemorySegment segment = uninitialized().allocate(layout, count);
        MemorySegment.copy(source, sourceLayout, sourceOffset, segment, layout, 0, count);
        return segment;
    }
}
