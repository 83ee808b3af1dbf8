package io.github.ptmalloc4j.lab.verify;

import static io.github.ptmalloc4j.lab.verify.Witness.HEAP;
import static io.github.ptmalloc4j.lab.verify.Witness.MAPS;
import static io.github.ptmalloc4j.lab.verify.Witness.SYSTEM_CALLS;

import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.PrivateBreak;
import io.github.ptmalloc4j.ptmalloc.Malloc;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import io.github.ptmalloc4j.verify.Maps;
import java.util.ArrayList;
import java.util.List;

/** Claims 17 to 20: the arena of a thread other than the main one. */
final class ThreadArena {
    /** Bytes of a heap, and what it is aligned to. */
    private static final long HEAP_MAX = 64L << 20;
    /** Where chunks begin in an arena's first heap: behind heap_info and malloc_state. */
    private static final long FIRST_CHUNK = 0x8d0;
    /** Bytes of heap_info, behind which chunks begin in a later heap. */
    private static final long HEAP_INFO = 48;

    /** Bytes of the tcache table, as they are asked for. */
    private static final long TCACHE_REQUEST = 640;

    private static final long MIB = 1 << 20;
    /** Bytes of private address space for the break, which no thread but the main one uses. */
    private static final long RESERVATION = 1L << 30;

    private final Evidence evidence;
    private final CountingOs os = new CountingOs();
    private final Malloc heap;
    /** Where the thread's first block lies, and the heap around it. */
    private long mem;

    private long area;

    private ThreadArena(Evidence evidence) {
        this.evidence = evidence;
        // 1 MiB comes from the arena, not from a mapping.
        Tunables tunables = Tunables.builder().mmapThreshold(HEAP_MAX).build();
        heap = new Malloc(os, PrivateBreak.reserve(Linux.KERNEL, RESERVATION), tunables);
    }

    static void isTwoLines(Evidence evidence) throws InterruptedException {
        evidence.expect("""
            The first request of a second thread maps 64 MiB at a multiple of 64 MiB without access, and makes the
            first pages accessible: room for heap_info, malloc_state, the request and top_pad. The thread's first
            block lies behind its tcache table.\
            """);
        ThreadArena proof = new ThreadArena(evidence);
        inThread(proof::firstBlock);
        evidence.when("after malloc(24) by a second thread");
        evidence.hex(HEAP, "the block, from the start of its 64 MiB", firstBlockOffset(), proof.mem - proof.area);
        proof.twoLines(firstSize());
    }

    static void growsByMprotect(Evidence evidence) throws InterruptedException {
        evidence.expect("""
            An arena grows into its own 64 MiB: mprotect moves the border between rw-p and ---p up, without top_pad
            and rounded up to pages. Nothing new is mapped.\
            """);
        ThreadArena proof = new ThreadArena(evidence);
        long used = firstBlockOffset() - Rules.HEADER + Rules.chunk(24);
        long missing = Rules.chunk(MIB) + Rules.MINSIZE - (firstSize() - used);
        inThread(() -> {
            proof.firstBlock();
            proof.twoLines("after malloc(24)", firstSize());
            proof.os.forget();
            proof.heap.malloc(MIB);
            String calls = proof.os.names();
            proof.twoLines("after malloc(1 MiB) by the same thread", firstSize() + Rules.pageUp(missing));
            evidence.word(SYSTEM_CALLS, "for malloc(1 MiB)", "mprotect", calls);
        });
    }

    static void unmapsItsSecondHeap(Evidence evidence) throws InterruptedException {
        evidence.expect("""
            80 blocks of 1 MiB do not fit in 64 MiB: the arena gets a second heap. The thread ends with all blocks
            held; another frees them. Then the second heap is empty, and is unmapped as a whole. An arena's first heap
            is never unmapped by glibc, nor here before close: it holds malloc_state, and waits for another thread;
            what of it is accessible stays so, its pages go back.\
            """);
        ThreadArena proof = new ThreadArena(evidence);
        List<Long> blocks = new ArrayList<>();
        inThread(() -> {
            proof.firstBlock();
            for (int i = 0; i < 80; i++) {
                blocks.add(proof.heap.malloc(MIB));
            }
        });
        long second = blocks.getLast() & -HEAP_MAX;
        evidence.when("with 80 MiB held, the thread dead");
        evidence.yes(MAPS, "the last block is in a second heap", second != proof.area);
        evidence.word(MAPS, "the second heap", "rw-p+---p", permissions(second, second + HEAP_MAX));
        evidence.hex(HEAP, "its first block", HEAP_INFO + Rules.HEADER, firstIn(second, blocks) - second);
        proof.os.forget();
        blocks.forEach(proof.heap::free);
        proof.heap.free(proof.mem);
        proof.heap.check();
        evidence.when("after all is freed");
        evidence.word(MAPS, "the second heap", Maps.UNMAPPED, permissions(second, second + HEAP_MAX));
        evidence.word(MAPS, "the first heap", "rw-p+---p", permissions(proof.area, proof.area + HEAP_MAX));
        evidence.yes(SYSTEM_CALLS, "munmap was asked for", proof.os.names().contains("munmap"));
    }

    static void leavesNothingBehind(Evidence evidence) throws InterruptedException {
        evidence.expect("""
            close() gives back all that the heap has: the range of its break, the 64 MiB of each arena, the mapping of
            a large block that is still held, the pages of the bins.\
            """);
        ThreadArena proof = new ThreadArena(evidence);
        long[] held = {proof.heap.malloc(24), proof.heap.malloc(HEAP_MAX), 0};
        inThread(() -> {
            proof.firstBlock();
            held[2] = proof.heap.malloc(MIB);
        });
        long start = proof.heap.breakStart();
        long large = Rules.pageDown(held[1]);
        evidence.when("with blocks held on a break, in an arena and in a mapping");
        evidence.word(MAPS, "the break's range", "rw-p+---p", permissions(start, start + RESERVATION));
        evidence.word(MAPS, "the arena", "rw-p+---p", permissions(proof.area, proof.area + HEAP_MAX));
        evidence.word(MAPS, "the mapping", "rw-p", permissions(large, large + Rules.mapping(HEAP_MAX)));
        proof.heap.close();
        evidence.when("after close");
        evidence.word(MAPS, "the break's range", Maps.UNMAPPED, permissions(start, start + RESERVATION));
        evidence.word(MAPS, "the arena", Maps.UNMAPPED, permissions(proof.area, proof.area + HEAP_MAX));
        evidence.word(MAPS, "the mapping", Maps.UNMAPPED, permissions(large, large + Rules.mapping(HEAP_MAX)));
    }

    private void firstBlock() {
        mem = heap.malloc(24);
        area = mem & -HEAP_MAX;
    }

    private void twoLines(String moment, long size) {
        evidence.when(moment);
        twoLines(size);
    }

    private void twoLines(long size) {
        evidence.word(MAPS, "the first %,d bytes are".formatted(size), "rw-p", permissions(area, area + size));
        evidence.word(MAPS, "the rest of 64 MiB is", "---p", permissions(area + size, area + HEAP_MAX));
        evidence.number(
                MAPS,
                "lines in it",
                2,
                Maps.read().overlapping(area, area + HEAP_MAX).size());
    }

    /** The table of the tcache is the first request of a thread, and so what its arena is made for. */
    private static long firstSize() {
        return Rules.pageUp(FIRST_CHUNK + TCACHE_REQUEST + Rules.KIB_128);
    }

    private static long firstBlockOffset() {
        return FIRST_CHUNK + Rules.TCACHE + Rules.HEADER;
    }

    private static long firstIn(long area, List<Long> blocks) {
        return blocks.stream()
                .mapToLong(b -> b)
                .filter(b -> b >= area && b < area + HEAP_MAX)
                .min()
                .orElseThrow();
    }

    private static void inThread(Runnable task) throws InterruptedException {
        Thread.ofPlatform().start(task).join();
    }

    private static String permissions(long from, long to) {
        return Maps.read().permissions(from, to);
    }
}
