package io.github.ptmalloc4j.nativetests;

import io.github.ptmalloc4j.lab.verify.Claim;
import io.github.ptmalloc4j.lab.verify.Evidence;
import io.github.ptmalloc4j.lab.verify.NotProvable;
import io.github.ptmalloc4j.lab.verify.Witness;
import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.os.Os;
import java.util.List;
import java.util.function.Supplier;

/** Claims that are wrong, each in another way, for a verifier that has to notice. */
public final class BrokenClaims implements Supplier<List<Claim>> {
    static final int TRUE = 1;
    static final int WRONG_EXPECTATION = 2;
    static final int CRASH = 3;
    static final int EXCEPTION = 4;
    static final int NOTHING_MEASURED = 5;
    static final int NOT_PROVABLE = 6;
    static final int WRONG_AND_NOT_PROVABLE = 7;
    static final int HANGS = 8;
    static final int EXITS = 9;

    /** The children make their own. */
    public BrokenClaims() {}

    @Override
    public List<Claim> get() {
        return List.of(
                new Claim(TRUE, "The break is where it is.", evidence -> theBreak(evidence, 0)),
                new Claim(WRONG_EXPECTATION, "The break is a byte higher.", evidence -> theBreak(evidence, 1)),
                new Claim(CRASH, "What has no access can be written.", evidence -> crash()),
                new Claim(EXCEPTION, "The proof breaks off.", evidence -> {
                    theBreak(evidence, 0);
                    throw new IllegalStateException("out of patience");
                }),
                new Claim(NOTHING_MEASURED, "Nothing is measured.", evidence -> evidence.expect("Nothing.")),
                new Claim(NOT_PROVABLE, "The moon is full.", evidence -> {
                    throw new NotProvable("this machine has no window");
                }),
                new Claim(WRONG_AND_NOT_PROVABLE, "The break is a byte higher, and the moon is full.", evidence -> {
                    theBreak(evidence, 1);
                    throw new NotProvable("this machine has no window");
                }),
                new Claim(HANGS, "It comes to an end.", evidence -> Thread.sleep(600_000)),
                new Claim(EXITS, "It comes to an end of its own.", evidence -> {
                    System.err.println("goodbye");
                    System.exit(7);
                }));
    }

    private static void theBreak(Evidence evidence, long off) {
        long now = Linux.KERNEL.sbrk(0);
        evidence.hex(Witness.SBRK, "break", now + off, now);
    }

    private static void crash() {
        Memory.putByte(Linux.KERNEL.mmap(0, Linux.KERNEL.pageSize(), Os.PROT_NONE, 0), (byte) 1);
    }
}
