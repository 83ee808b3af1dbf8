package io.github.ptmalloc4j.ptmalloc;

import static io.github.ptmalloc4j.ptmalloc.Chunk.IS_MMAPPED;
import static io.github.ptmalloc4j.ptmalloc.Chunk.SIZE_SZ;
import static io.github.ptmalloc4j.ptmalloc.Chunk.chunk2mem;
import static io.github.ptmalloc4j.ptmalloc.Chunk.chunkSize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.prevSize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.setHead;
import static io.github.ptmalloc4j.ptmalloc.Chunk.setPrevSize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.sizeField;

import io.github.ptmalloc4j.os.Os;

/**
 * Chunks that are mappings of their own, for requests at or above the mmap threshold that no free chunk satisfies.
 *
 * <pre>
 *   block                 p = block + offset                             block + offset + size
 *   │ (offset, 0 unless    │ offset │ size ┊ M │ the user's bytes        │
 *   │  aligned further)    │ 8 bytes│ 8 bytes  │ size − 16               │
 * </pre>
 *
 * <p>No chunk follows whose first word could be borrowed, so a mapped chunk costs 16 bytes; the whole is rounded up to pages.
 */
final class MmappedChunk {
    private MmappedChunk() {}

    /**
     * A new mapping for a chunk of {@code nb} bytes.
     *
     * @param pagesize what to round up to, in bytes
     * @param flags further {@code MAP_} bits
     * @return the user's address, or 0 if there is no memory
     */
    static long sysmallocMmap(MallocPar mp, long nb, long pagesize, int flags) {
        long size = nb + SIZE_SZ + pagesize - 1 & -pagesize;
        if (Long.compareUnsigned(size, nb) <= 0) {
            return 0;
        }
        long p = mp.mmap(size, flags);
        if (p == Os.MAP_FAILED) {
            return 0;
        }
        mp.madviseThp(p, size);
        setPrevSize(p, 0);
        setHead(p, size | IS_MMAPPED);
        mp.mmappedChunks.put(p, p, size);
        return chunk2mem(p);
    }

    /**
     * The dynamic threshold: a program that frees a mapped chunk will soon ask for such a chunk again, and the heap serves
     * it cheaper. So requests of that size come from the heap from now on, and twice as much may stay in top.
     */
    static void adjustThresholds(MallocPar mp, long p) {
        long size = sizeField(p);
        if (!mp.noDynThreshold
                && Long.compareUnsigned(size, mp.mmapThreshold) > 0
                && size <= MallocPar.DEFAULT_MMAP_THRESHOLD_MAX) {
            mp.mmapThreshold = chunkSize(p);
            mp.trimThreshold = 2 * mp.mmapThreshold;
        }
    }

    static void munmapChunk(MallocPar mp, long p) {
        long offset = prevSize(p);
        long totalSize = offset + chunkSize(p);
        requireMapping(mp, p, offset, totalSize, "munmap_chunk(): invalid pointer");
        mp.mmappedChunks.remove(p);
        // If the kernel cannot split the mapping there is nothing better to do than to lose it, as glibc does.
        mp.os.munmap(p - offset, totalSize);
    }

    /**
     * Resizes the mapping by moving page tables.
     *
     * @return the chunk, or 0 with the old one untouched if there is no memory
     */
    static long mremapChunk(MallocPar mp, long p, long nb) {
        long offset = prevSize(p);
        long totalSize = offset + chunkSize(p);
        requireMapping(mp, p, offset, totalSize, "mremap_chunk(): invalid pointer");
        long newSize = nb + offset + SIZE_SZ + mp.pagesize - 1 & -mp.pagesize;
        if (totalSize == newSize) {
            return p;
        }
        long block = mp.os.mremap(p - offset, totalSize, newSize);
        if (block == Os.MAP_FAILED) {
            return 0;
        }
        mp.madviseThp(block, newSize);
        long newp = block + offset;
        mp.require(prevSize(newp) == offset, "mremap_chunk", "the offset has moved along");
        setHead(newp, newSize - offset | IS_MMAPPED);
        mp.mmappedChunks.move(p, newp, block, newSize);
        return newp;
    }

    /** Mapping and chunk must look as this class makes them: whole pages, the user's address as aligned as it may be. */
    private static void requireMapping(MallocPar mp, long p, long offset, long totalSize, String message) {
        long pageMask = mp.pagesize - 1;
        long inPage = chunk2mem(p) & pageMask;
        if ((p - offset & pageMask) != 0 || (totalSize & pageMask) != 0 || (inPage & inPage - 1) != 0) {
            throw mp.mallocPrinterr(message);
        }
    }
}
