package io.github.ptmalloc4j.lab.verify;

import static io.github.ptmalloc4j.lab.verify.Witness.HEAP;
import static io.github.ptmalloc4j.lab.verify.Witness.MEMORY;
import static io.github.ptmalloc4j.lab.verify.Witness.PAGEMAP;
import static io.github.ptmalloc4j.lab.verify.Witness.SBRK;

import io.github.ptmalloc4j.Ptmalloc;
import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.ptmalloc.HeapChunk;
import io.github.ptmalloc4j.verify.Pagemap;

/** Claim 10: memory goes back to the system from the middle of the heap. */
final class TrimInside {
    private static final int BLOCKS = 400;
    private static final long BLOCK = 16 << 10;
    /** What stays of a free chunk: sizes and four links. */
    private static final long LINKS_END = 48;

    private final Evidence evidence;
    private final Ptmalloc heap = Heaps.onProgramBreak();
    private final long[] blocks = new long[BLOCKS];

    private TrimInside(Evidence evidence) {
        this.evidence = evidence;
    }

    static void measure(Evidence evidence) {
        evidence.expect("""
            The 399 freed blocks join into one chunk that the last block, still held, keeps away from top. So only
            madvise(MADV_DONTNEED) can give them back: the whole pages behind the 48 bytes of the chunk's header and
            links. The break comes down by what top holds, no more.\
            """);
        evidence.needsPagemap();
        TrimInside proof = new TrimInside(evidence);
        proof.allocateAndFree();
        proof.trim();
    }

    private void allocateAndFree() {
        heap.malloc(24);
        for (int i = 0; i < BLOCKS; i++) {
            blocks[i] = heap.malloc(BLOCK);
            Memory.fill(blocks[i], BLOCK, (byte) 1);
        }
        for (int i = 0; i < BLOCKS - 1; i++) {
            heap.free(blocks[i]);
        }
        long start = heap.breakStart();
        // Everything is written from the first chunk to the header of top, which begins behind the last block.
        long topHeaderEnd = last() - Rules.HEADER + Rules.chunk(BLOCK) + Rules.HEADER;
        long written = (Rules.pageUp(topHeaderEnd) - Rules.pageDown(start)) / Rules.PAGE;
        evidence.when("after malloc and filling 400 x 16 KiB, and free of 399");
        evidence.pages(PAGEMAP, "resident in [heap]", written, resident(start, Linux.KERNEL.sbrk(0)));
        evidence.bytes(HEAP, "the free chunk in their place", freed(), chunkAt(blocks[0] - Rules.HEADER));
    }

    private void trim() {
        long start = heap.breakStart();
        long end = Linux.KERNEL.sbrk(0);
        long top = heap.mallinfo2().keepcost();
        long before = resident(start, end);
        heap.mallocTrim(0);
        long chunk = blocks[0] - Rules.HEADER;
        long inside = Rules.pageDown(chunk + freed() - Rules.pageUp(chunk + LINKS_END)) / Rules.PAGE;
        evidence.when("after mallocTrim(0)");
        evidence.pages(PAGEMAP, "resident fell by", inside, before - resident(start, end));
        evidence.bytes(SBRK, "the break came down by", Rules.trimmed(top, 0), end - Linux.KERNEL.sbrk(0));
        evidence.number(MEMORY, "bytes lost in the block that is held", 0, lost());
        heap.check();
    }

    private long last() {
        return blocks[BLOCKS - 1];
    }

    private static long freed() {
        return (BLOCKS - 1) * Rules.chunk(BLOCK);
    }

    private static long resident(long from, long to) {
        return Pagemap.of(from, to).resident();
    }

    private long chunkAt(long address) {
        return heap.walk().stream()
                .filter(chunk -> chunk.address() == address)
                .mapToLong(HeapChunk::size)
                .sum();
    }

    private long lost() {
        long lost = 0;
        for (long i = 0; i < BLOCK; i++) {
            lost += Memory.getByte(last() + i) == 1 ? 0 : 1;
        }
        return lost;
    }
}
