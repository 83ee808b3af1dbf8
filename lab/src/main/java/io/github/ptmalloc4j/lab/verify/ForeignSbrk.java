package io.github.ptmalloc4j.lab.verify;

import static io.github.ptmalloc4j.lab.verify.Witness.HEAP;
import static io.github.ptmalloc4j.lab.verify.Witness.MEMORY;
import static io.github.ptmalloc4j.lab.verify.Witness.SBRK;

import io.github.ptmalloc4j.Ptmalloc;
import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.ptmalloc.HeapChunk;

/** Claim 12. */
final class ForeignSbrk {
    private static final long GAP = Rules.PAGE;
    private static final long BLOCK = 100 << 10;

    private ForeignSbrk() {}

    static void measure(Evidence evidence) {
        evidence.expect("""
            Somebody else moves the break by a page and writes to it. The next growth finds the break above the end
            of top: the old top is closed with two fenceposts and freed, and top starts anew behind the foreign page,
            with 16-byte alignment and up to a page's end. mallinfo2 counts the gap as ours, as glibc does. A trim
            stops above the foreign page; with a foreign page on top of the heap there is no trim at all.\
            """);
        Ptmalloc heap = Heaps.onProgramBreak();
        heap.malloc(24);
        long foreign = Linux.KERNEL.sbrk(GAP);
        Pattern.fill(foreign, GAP, 1);
        long first = heap.malloc(BLOCK);
        long second = heap.malloc(BLOCK);
        Pattern.fill(first, BLOCK, 2);
        Pattern.fill(second, BLOCK, 3);
        steppedOver(evidence, heap, foreign, second);
        heap.free(second);
        heap.mallocTrim(0);
        trimmedDownTo(evidence, heap, foreign, second);
        blockedByForeignPage(evidence, heap, foreign);
        evidence.number(MEMORY, "damaged words in the first block", 0, Pattern.damage(first, BLOCK, 2));
        heap.check();
    }

    private static void steppedOver(Evidence evidence, Ptmalloc heap, long foreign, long second) {
        evidence.when("after sbrk(4096) by somebody else and two malloc(100K)");
        evidence.hex(HEAP, "a block, right behind the foreign page", foreign + GAP + Rules.HEADER, second);
        evidence.number(HEAP, "fenceposts in front of it", 2, fenceposts(heap));
        evidence.number(MEMORY, "damaged words in the foreign page", 0, Pattern.damage(foreign, GAP, 1));
        long all = Linux.KERNEL.sbrk(0) - heap.breakStart();
        evidence.bytes(
                HEAP,
                "arena of mallinfo2, the gap included",
                all,
                heap.mallinfo2().arena());
    }

    private static long fenceposts(Ptmalloc heap) {
        return heap.walk().stream()
                .filter(chunk -> chunk.state() == HeapChunk.State.FENCEPOST)
                .count();
    }

    private static void trimmedDownTo(Evidence evidence, Ptmalloc heap, long foreign, long second) {
        // All of top begins where the second block's chunk was; one page of it stays for MINSIZE.
        long lowest = Rules.pageUp(second - Rules.HEADER + Rules.MINSIZE + 1);
        evidence.when("after free of the second block and mallocTrim(0)");
        evidence.hex(SBRK, "break, a page above the foreign one", lowest, Linux.KERNEL.sbrk(0));
        evidence.number(MEMORY, "damaged words in the foreign page", 0, Pattern.damage(foreign, GAP, 1));
    }

    private static void blockedByForeignPage(Evidence evidence, Ptmalloc heap, long lower) {
        long mem = heap.malloc(BLOCK);
        long upper = Linux.KERNEL.sbrk(GAP);
        Pattern.fill(upper, GAP, 4);
        heap.free(mem);
        heap.mallocTrim(0);
        evidence.when("after malloc(100K), another foreign page, free, mallocTrim(0)");
        evidence.hex(SBRK, "break, right above the upper page", upper + GAP, Linux.KERNEL.sbrk(0));
        evidence.number(MEMORY, "damaged words in the upper page", 0, Pattern.damage(upper, GAP, 4));
        evidence.number(MEMORY, "damaged words in the lower page", 0, Pattern.damage(lower, GAP, 1));
    }
}
