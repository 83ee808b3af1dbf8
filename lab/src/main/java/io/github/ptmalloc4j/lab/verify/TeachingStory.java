package io.github.ptmalloc4j.lab.verify;

import static io.github.ptmalloc4j.lab.verify.Witness.HEAP;
import static io.github.ptmalloc4j.lab.verify.Witness.MAPS;
import static io.github.ptmalloc4j.lab.verify.Witness.MEMORY;
import static io.github.ptmalloc4j.lab.verify.Witness.SBRK;
import static io.github.ptmalloc4j.lab.verify.Witness.SYSTEM_CALLS;

import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.ptmalloc.Malloc;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import io.github.ptmalloc4j.verify.Maps;

/**
 * Claims 2 and 3: the story that books tell of brk and mmap, once as glibc really plays it and once as they tell it.
 */
final class TeachingStory {
    private static final long A = 30 << 10;
    private static final long B = 40 << 10;
    private static final long C = 200 << 10;
    private static final long D = 100 << 10;
    private static final long FIRST = 24;
    /** The bit of the size word that says: a mapping of its own. */
    private static final long IS_MMAPPED = 2;

    private final Evidence evidence;
    private final boolean dynamic;
    private final CountingOs os = new CountingOs();
    private final Malloc heap;

    /** Where the break should be, and how large top should be, by the rules. */
    private long expectedBreak;

    private long expectedTop;

    private TeachingStory(Evidence evidence, Tunables tunables) {
        this.evidence = evidence;
        this.dynamic = tunables.dynamicThresholds();
        this.heap = Heaps.onProgramBreak(os, tunables);
    }

    static void withDefaults(Evidence evidence) {
        evidence.expect("""
            200K is at or above the mmap threshold (128 KiB), so C is a mapping: its chunk and 8 bytes, rounded up
            to pages. Top has no room for D, so the break moves by what D, top_pad and MINSIZE lack. free(C) sets
            the mmap threshold to C's size and the trim threshold to twice that: the top that B and D fall into
            stays below it and is not trimmed.\
            """);
        new TeachingStory(evidence, Tunables.GLIBC).tell();
    }

    static void withThresholdByHand(Evidence evidence) {
        evidence.expect("""
            A threshold set by hand ends the dynamic rule: free(C) raises nothing. The top that B and D fall into
            is above the trim threshold (128 KiB), so it is trimmed to top_pad and MINSIZE, in whole pages.\
            """);
        Tunables byHand = Tunables.builder().mmapThreshold(Rules.KIB_128).build();
        new TeachingStory(evidence, byHand).tell();
    }

    private void tell() {
        warmUp();
        firstBlock();
        heap.malloc(A);
        long b = heap.malloc(B);
        afterAandB();
        os.forget();
        long c = heap.malloc(C);
        afterC(c);
        os.forget();
        long d = heap.malloc(D);
        afterD();
        os.forget();
        heap.free(c);
        afterFreeC(c);
        os.forget();
        heap.free(b);
        afterFreeB();
        os.forget();
        heap.free(d);
        afterFreeD(b, d);
    }

    /** Reading a file for the first time takes native memory: let that happen before addresses are compared. */
    private static void warmUp() {
        Maps.read();
        Maps.read();
    }

    private void firstBlock() {
        long start = Linux.KERNEL.sbrk(0);
        heap.malloc(FIRST);
        long skip = -start & 15;
        expectedBreak = Rules.pageUp(start + skip + Rules.growth(Rules.TCACHE, 0));
        expectedTop = expectedBreak - start - skip - Rules.TCACHE - Rules.chunk(FIRST);
        evidence.when("after a first small block");
        breakIsExpected();
        os.forget();
    }

    private void afterAandB() {
        expectedTop -= Rules.chunk(A) + Rules.chunk(B);
        evidence.when("after A = malloc(30K) and B = malloc(40K)");
        breakIsExpected();
        evidence.word(SYSTEM_CALLS, "calls", "none", os.names());
    }

    private void afterC(long c) {
        long length = Rules.mapping(C);
        long chunk = c - Rules.HEADER;
        evidence.when("after C = malloc(200K)");
        breakIsExpected();
        evidence.word(SYSTEM_CALLS, "calls", "mmap", os.names());
        evidence.hex(MEMORY, "size word of C", length | IS_MMAPPED, Memory.getLong(c - Long.BYTES));
        evidence.bytes(HEAP, "mapped, by mallinfo2", length, heap.mallinfo2().hblkhd());
        evidence.number(MAPS, "C's chunk, so far into a page", 0, chunk % Rules.PAGE);
        evidence.word(MAPS, "C's %,d bytes are".formatted(length), "rw-p", permissions(chunk, length));
        boolean inHeap = Maps.read().at(c).map(m -> m.name().equals(Maps.HEAP)).orElse(true);
        evidence.word(MAPS, "C lies in [heap]", "no", inHeap ? "yes" : "no");
    }

    private void afterD() {
        long growth = Rules.growth(Rules.chunk(D), expectedTop);
        expectedBreak += growth;
        expectedTop += growth - Rules.chunk(D);
        evidence.when("after D = malloc(100K)");
        breakIsExpected();
        evidence.bytes(HEAP, "top, by mallinfo2", expectedTop, heap.mallinfo2().keepcost());
    }

    private void afterFreeC(long c) {
        long length = Rules.mapping(C);
        evidence.when("after free(C)");
        evidence.word(MAPS, "C's addresses are", Maps.UNMAPPED, permissions(c - Rules.HEADER, length));
        evidence.word(SYSTEM_CALLS, "calls", "munmap", os.names());
        evidence.bytes(HEAP, "mmap threshold", dynamic ? length : Rules.KIB_128, heap.mmapThreshold());
        evidence.bytes(HEAP, "trim threshold", expectedTrimThreshold(), heap.trimThreshold());
    }

    private void afterFreeB() {
        evidence.when("after free(B)");
        breakIsExpected();
        evidence.word(SYSTEM_CALLS, "calls", "none", os.names());
    }

    private void afterFreeD(long b, long d) {
        expectedTop += Rules.chunk(B) + Rules.chunk(D);
        long trimmed = expectedTop < expectedTrimThreshold() ? 0 : Rules.trimmed(expectedTop, Rules.KIB_128);
        long before = expectedBreak;
        expectedBreak -= trimmed;
        evidence.when("after free(D)");
        evidence.hex(HEAP, "D lies right behind B", b + Rules.chunk(B), d);
        evidence.bytes(SBRK, "the break came down by", trimmed, before - Linux.KERNEL.sbrk(0));
        breakIsExpected();
        // One free chunk from B up to the break: that is top, with B and D in it.
        evidence.bytes(
                HEAP,
                "top, by mallinfo2",
                expectedTop - trimmed,
                heap.mallinfo2().keepcost());
        evidence.bytes(SBRK, "from B's chunk to the break", expectedTop - trimmed, fromChunkToBreak(b));
        heap.check();
    }

    private static long fromChunkToBreak(long mem) {
        return Linux.KERNEL.sbrk(0) - (mem - Rules.HEADER);
    }

    private long expectedTrimThreshold() {
        return dynamic ? 2 * Rules.mapping(C) : Rules.KIB_128;
    }

    private void breakIsExpected() {
        evidence.hex(SBRK, "break", expectedBreak, Linux.KERNEL.sbrk(0));
    }

    private static String permissions(long from, long length) {
        return Maps.read().permissions(from, from + length);
    }
}
