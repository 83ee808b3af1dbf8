package io.github.ptmalloc4j.lab.verify;

import static io.github.ptmalloc4j.lab.verify.Witness.HEAP;
import static io.github.ptmalloc4j.lab.verify.Witness.MEMORY;
import static io.github.ptmalloc4j.lab.verify.Witness.SBRK;
import static io.github.ptmalloc4j.lab.verify.Witness.SYSTEM_CALLS;

import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.ptmalloc.Malloc;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import io.github.ptmalloc4j.verify.Status;
import jnr.constants.platform.RLIMIT;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import jnr.posix.RLimit;

/** Claim 13. */
final class Limits {
    private static final long MIB = 1 << 20;
    /** What the JVM itself may still take while the limit holds. */
    private static final long SLACK = 16 * MIB;
    /** More than that: bytes asked of the heap. */
    private static final long TOO_MUCH = 64 * MIB;
    /** Small enough for top. */
    private static final long SMALL = 1000;

    private static final long HELD = 100 << 10;

    private final Evidence evidence;
    private final POSIX posix = POSIXFactory.getNativePOSIX();
    private final CountingOs os = new CountingOs();
    private final Malloc heap;
    private final long held;

    private Limits(Evidence evidence) {
        this.evidence = evidence;
        // Below this threshold the break is asked first, and a mapping only takes its place.
        this.heap = Heaps.onProgramBreak(
                os, Tunables.builder().mmapThreshold(TOO_MUCH * 2).build());
        this.held = heap.malloc(HELD);
        Pattern.fill(held, HELD, 1);
    }

    static void measure(Evidence evidence) {
        evidence.expect("""
            The limit is set by setrlimit (JNR-POSIX) to 16 MiB above what the process has. malloc(64 MiB), below an
            mmap threshold of 128 MiB, asks sbrk, which is refused, then mmap in its place, refused as well: malloc
            returns 0. The break has not moved, every invariant holds, what is held is undamaged, small blocks still
            come from top. With the limit lifted the same malloc succeeds.\
            """);
        Limits proof = new Limits(evidence);
        if (!proof.posix.isNative()) {
            throw new NotProvable("JNR-POSIX could not load its native part");
        }
        proof.under("RLIMIT_DATA", RLIMIT.RLIMIT_DATA, "VmData");
        proof.under("RLIMIT_AS", RLIMIT.RLIMIT_AS, "VmSize");
    }

    private void under(String name, RLIMIT limit, String limited) {
        heap.check(); // Loads what the check needs while there is memory for it.
        RLimit old = posix.getrlimit(limit.intValue());
        long breakBefore = Linux.KERNEL.sbrk(0);
        os.forget();
        set(limit, Status.bytes(limited) + SLACK, old);
        long refused;
        long small;
        try {
            refused = heap.malloc(TOO_MUCH);
            small = heap.malloc(SMALL);
        } finally {
            set(limit, old.rlimCur(), old);
        }
        heap.check();
        evidence.when("under " + name);
        evidence.hex(HEAP, "malloc(64 MiB)", 0, refused);
        evidence.word(SYSTEM_CALLS, "refused, in order", "sbrk, mmap", os.refused());
        evidence.hex(SBRK, "break", breakBefore, Linux.KERNEL.sbrk(0));
        evidence.yes(HEAP, "malloc(1000) is served", small != 0);
        evidence.number(MEMORY, "damaged words in a block held", 0, Pattern.damage(held, HELD, 1));
        lifted(name);
        heap.free(small);
    }

    private void lifted(String name) {
        os.forget();
        long mem = heap.malloc(TOO_MUCH);
        evidence.when(name + " lifted");
        evidence.yes(HEAP, "malloc(64 MiB) is served", mem != 0);
        evidence.word(SYSTEM_CALLS, "refused", "none", os.refused());
        if (mem != 0) {
            Pattern.fill(mem, TOO_MUCH, 2);
            evidence.number(MEMORY, "damaged words in it", 0, Pattern.damage(mem, TOO_MUCH, 2));
            heap.free(mem);
        }
        heap.check();
    }

    private void set(RLIMIT limit, long bytes, RLimit old) {
        if (posix.setrlimit(limit.intValue(), bytes, old.rlimMax()) != 0) {
            throw new NotProvable("setrlimit(%s) was refused, errno %d".formatted(limit, posix.errno()));
        }
    }
}
