package io.github.ptmalloc4j.lab.verify;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What is claimed, in the order in which a course would tell it. */
public final class Claims implements Supplier<List<Claim>> {
    /** A child JVM makes its own. */
    public Claims() {}

    @Override
    public List<Claim> get() {
        return Stream.of(ofOneHeap(), ofTheKernel(), ofThreads())
                .flatMap(List::stream)
                .toList();
    }

    private static List<Claim> ofOneHeap() {
        return List.of(
                new Claim(
                        1,
                        "The first small malloc creates [heap], from start_brk to sbrk(0): 132 KiB and what alignment"
                                + " needs.",
                        FirstMalloc::createsTheHeap),
                new Claim(
                        2,
                        "A = 30K, B = 40K, C = 200K, D = 100K, free C, B, D, with glibc's defaults: C is a mapping,"
                                + " freeing it raises both thresholds, and freeing D does not trim.",
                        TeachingStory::withDefaults),
                new Claim(
                        3,
                        "The same story with the mmap threshold set to 128 KiB by hand: freeing D trims, and the break"
                                + " comes down.",
                        TeachingStory::withThresholdByHand),
                new Claim(
                        4,
                        "A hole is reused: after free(B), malloc(40K) returns the same address with no system call and"
                                + " no new fault.",
                        HoleReused::measure),
                new Claim(
                        5,
                        "Allocated is not resident: a block has no page until it is touched, and touching k pages makes"
                                + " exactly k resident and costs k faults.",
                        DemandPaging::measure),
                new Claim(
                        6,
                        "Reading an untouched page and then writing it are two faults; the first maps the zero page.",
                        ZeroPage::measure),
                new Claim(
                        7,
                        "calloc of a large block faults nothing and reads as zero; malloc and filling it faults every"
                                + " page.",
                        LargeCalloc::measure),
                new Claim(
                        8,
                        "realloc of an mmapped block from 8 to 32 MiB moves page tables, not bytes: no fault, contents"
                                + " kept.",
                        MmappedRealloc::measure),
                new Claim(
                        9,
                        "Trim gives pages back: resident falls, and what grows again is zero and faults again.",
                        TrimAtTop::measure),
                new Claim(
                        10,
                        "mallocTrim(0) after freeing 399 of 400 blocks of 16 KiB: resident falls by about 1,600 pages"
                                + " while the break hardly moves.",
                        TrimInside::measure),
                new Claim(
                        11,
                        "A private heap never touches [heap]: its range is reserved ---p, grows as rw-p, shrinks back.",
                        PrivateHeap::measure));
    }

    private static List<Claim> ofTheKernel() {
        return List.of(
                new Claim(12, "A foreign sbrk is stepped over, counted, and never trimmed past.", ForeignSbrk::measure),
                new Claim(
                        13,
                        "Under RLIMIT_DATA and RLIMIT_AS the break fails first, then mmap; malloc returns 0, nothing is"
                                + " lost, and the heap works again when the limit is lifted.",
                        Limits::measure),
                new Claim(
                        14,
                        "Overcommit: 1 TiB reserved without access succeeds; what the kernel refuses is a clean"
                                + " ENOMEM.",
                        Overcommit::measure),
                new Claim(
                        15,
                        "Huge pages advised: 16 MiB in 8 faults. MAP_POPULATE: no fault on touch.",
                        HugePagesAndPopulate::measure),
                new Claim(
                        16,
                        "Copy on write without fork: a private view of a memfd, written page by page, leaves the"
                                + " backing bytes unchanged and costs one fault a page.",
                        CopyOnWrite::measure));
    }

    private static List<Claim> ofThreads() {
        return List.of(
                new Claim(
                        17,
                        "A second thread gets an arena of its own: 64 MiB of addresses at a multiple of 64 MiB, two"
                                + " lines, rw-p and then ---p.",
                        ThreadArena::isTwoLines),
                new Claim(
                        18,
                        "A thread's arena grows by mprotect: the rw-p line gets longer, and nothing new is mapped.",
                        ThreadArena::growsByMprotect),
                new Claim(
                        19,
                        "An arena that outgrows 64 MiB gets a second heap, which is unmapped when its thread is gone"
                                + " and all is freed.",
                        ThreadArena::unmapsItsSecondHeap),
                new Claim(
                        20,
                        "close() leaves nothing behind: no line of the break, of an arena, or of a large block.",
                        ThreadArena::leavesNothingBehind));
    }
}
