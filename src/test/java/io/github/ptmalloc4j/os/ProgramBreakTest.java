package io.github.ptmalloc4j.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;

/** On a break of make-believe: moving the real one beneath a JVM that uses it is not sound. */
class ProgramBreakTest {
    /** An {@code sbrk} that counts only; nothing else may be asked. */
    private static Os breakAt(long[] current, long limit) {
        return (Os) Proxy.newProxyInstance(
                Os.class.getClassLoader(), new Class<?>[] {Os.class}, (proxy, method, arguments) -> {
                    assertEquals("sbrk", method.getName());
                    long increment = (long) arguments[0];
                    if (current[0] + increment > limit) {
                        return Os.MAP_FAILED;
                    }
                    current[0] += increment;
                    return current[0] - increment;
                });
    }

    private static final long START = ProgramBreak.startOfBreak();

    @Test
    void theStartOfTheBreakIsAnAddressAndStaysTheSame() {
        assertTrue(START > 0);
        assertEquals(START, ProgramBreak.startOfBreak());
    }

    @Test
    void aBreakThatHasMovedIsRefusedWithWhatToSet() {
        Os os = breakAt(new long[] {START + 4096}, Long.MAX_VALUE);
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> ProgramBreak.claim(os));
        assertEquals(
                "the program break is not ours alone: it began at 0x%x and is at 0x%x; ".formatted(START, START + 4096)
                        + "start the JVM with GLIBC_TUNABLES=glibc.malloc.hugetlb=2 in its environment",
                e.getMessage());
    }

    @Test
    void aRefusalLeavesItFreeForTheNextClaim() {
        assertThrows(
                IllegalStateException.class,
                () -> ProgramBreak.claim(breakAt(new long[] {START + 16}, Long.MAX_VALUE)));
        ProgramBreak.claim(breakAt(new long[] {START}, Long.MAX_VALUE)).close();
    }

    @Test
    void onlyOneHeapAtATimeHasIt() {
        Os os = breakAt(new long[] {START}, Long.MAX_VALUE);
        try (ProgramBreak first = ProgramBreak.claim(os)) {
            IllegalStateException e = assertThrows(IllegalStateException.class, () -> ProgramBreak.claim(os));
            assertEquals("the program break is in use by another heap of this process", e.getMessage());
            assertEquals(START, first.morecore(0));
        }
        ProgramBreak.claim(os).close();
    }

    @Test
    void closingASecondTimeDoesNotTakeItFromTheNextOne() {
        Os os = breakAt(new long[] {START}, Long.MAX_VALUE);
        ProgramBreak first = ProgramBreak.claim(os);
        first.close();
        try (ProgramBreak second = ProgramBreak.claim(os)) {
            first.close();
            assertEquals(START, second.morecore(0));
            assertThrows(IllegalStateException.class, () -> ProgramBreak.claim(os));
        }
    }

    @Test
    void itMovesAndGoesBackWhenClosed() {
        long[] current = {START};
        try (ProgramBreak brk = ProgramBreak.claim(breakAt(current, START + 100_000))) {
            assertEquals(START, brk.morecore(8192));
            assertEquals(START + 8192, brk.morecore(-4096));
            assertEquals(START + 4096, brk.morecore(0));
            assertEquals(MoreCore.FAILURE, brk.morecore(1 << 20));
            assertEquals(START + 4096, brk.morecore(0));
        }
        assertEquals(START, current[0]);
    }

    @Test
    void theRealBreakIsGivenOrRefusedAsWhereItIsDemands() {
        long now = Linux.KERNEL.sbrk(0);
        if (now == START) {
            ProgramBreak.claim(Linux.KERNEL).close();
            assertEquals(START, Linux.KERNEL.sbrk(0));
        } else {
            IllegalStateException e = assertThrows(IllegalStateException.class, () -> ProgramBreak.claim(Linux.KERNEL));
            assertNotEquals(-1, e.getMessage().indexOf("start the JVM with " + ProgramBreak.REQUIRED_ENVIRONMENT));
        }
    }
}
