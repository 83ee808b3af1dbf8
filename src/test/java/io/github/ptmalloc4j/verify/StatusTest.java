package io.github.ptmalloc4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.Os;
import org.junit.jupiter.api.Test;

class StatusTest {
    private static final long TIB = 1L << 40;

    @Test
    void sizesAreInBytes() {
        long before = Status.bytes("VmSize");
        long reserved = Linux.KERNEL.mmap(0, TIB, Os.PROT_NONE, Os.MAP_NORESERVE);
        long after = Status.bytes("VmSize");
        Linux.KERNEL.munmap(reserved, TIB);
        // Other threads of the JVM map and unmap as well, but never half a TiB.
        assertEquals(1, Math.round((after - before) / (double) TIB));
    }

    @Test
    void aFieldThatIsNoSizeIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> Status.bytes("Threads"));
        assertThrows(IllegalArgumentException.class, () -> Status.bytes("Vm"));
    }
}
