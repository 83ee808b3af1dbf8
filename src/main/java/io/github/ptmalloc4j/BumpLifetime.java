package io.github.ptmalloc4j;

import io.github.ptmalloc4j.os.Memory;

/**
 * See {@link HeapSegments#bump()}.
 *
 * <pre>
 *   piece            next                          end
 *   │ handed out      │ not yet                     │ link to the piece before
 * </pre>
 */
final class BumpLifetime extends OwnedLifetime {
    /** Bytes: with its link the first piece is the largest block that a thread's cache has. */
    private static final long FIRST_PIECE = 1016;

    private static final long LARGEST_PIECE = 64 << 10;
    private static final long LARGEST_CUT = LARGEST_PIECE / 4;
    private static final long LARGEST_CUT_ALIGNMENT = 4096;

    private long next;
    private long end;
    private long piece = FIRST_PIECE;

    BumpLifetime(HeapSegments heap) {
        super(heap);
    }

    @Override
    long place(long bytes, long alignment, boolean zeroed) {
        if (bytes > LARGEST_CUT || alignment > LARGEST_CUT_ALIGNMENT) {
            return chained(blocks.allocate(bytes, alignment, zeroed, chain), bytes, alignment);
        }
        // Whole words, which are cleared fast; even nothing has an address of its own.
        long size = Math.max(bytes, 1) + 7 & -8;
        long start = next + alignment - 1 & -alignment;
        if (start + size > end) {
            takePiece(size + alignment);
            start = next + alignment - 1 & -alignment;
        }
        next = start + size;
        if (zeroed) {
            Memory.clearWords(start, size);
        }
        return start;
    }

    private void takePiece(long atLeast) {
        while (piece < atLeast) {
            piece = Math.min(LARGEST_PIECE, 4 * piece);
        }
        next = chained(blocks.allocate(piece, 1, false, chain), piece, 1);
        end = next + piece;
        piece = Math.min(LARGEST_PIECE, 4 * piece);
    }
}
