package io.github.ptmalloc4j.benchmarks.allocators;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every allocator does what the workloads ask of it. */
class AllocatorsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                Allocators.PTMALLOC4J_GLIBC,
                Allocators.PTMALLOC4J_SERVICE,
                Allocators.PTMALLOC4J_SEGMENTS,
                Allocators.PTMALLOC4J_SEGMENTS + Allocators.ON_SERVICE,
                Allocators.PTMALLOC4J_BUFFERS,
                Allocators.PTMALLOC4J_BUFFERS + Allocators.ON_SERVICE,
                "ptmalloc4j:tcache_count=0",
                Allocators.PTMALLOC4J_LEAKS,
                Allocators.LIBC,
                Allocators.LIBC_CRITICAL,
                Allocators.ARENA_CONFINED,
                Allocators.ARENA_SHARED,
                Allocators.DIRECT,
                Allocators.NETTY_POOLED,
                Allocators.NETTY_ADAPTIVE,
                Allocators.JEMALLOC,
                Allocators.MIMALLOC,
                Allocators.TCMALLOC,
                "tcmalloc-critical"
            })
    void keepsWhatIsWritten(String name) {
        Optional<String> missing = Allocators.missing(name);
        assumeTrue(missing.isEmpty(), () -> name + ": " + missing.get());
        try (Allocator allocator = Allocators.open(name)) {
            allocator.pair(100);
            Blocks blocks = allocator.blocks(3);
            assertTrue(blocks.isEmpty(0));
            blocks.free(0);
            blocks.allocateFilled(0, 24);
            assertEquals(0x0101010101010101L, blocks.getLong(0, 16));
            blocks.allocateFilled(1, 100_000);
            blocks.free(1); // So that what is zeroed next has been written before, where memory is used again.
            blocks.allocateZeroed(1, 100_000);
            assertEquals(0, blocks.getLong(1, 99_992));
            blocks.fill(1, 8, 16);
            assertEquals(0x0101010101010101L, blocks.getLong(1, 8));
            assertEquals(0, blocks.getLong(1, 0));

            blocks.putLong(0, 8, 42);
            blocks.reallocate(0, 100_000);
            assertEquals(42, blocks.getLong(0, 8));
            blocks.putLong(0, 99_992, 43);
            blocks.reallocate(0, 24);
            assertEquals(42, blocks.getLong(0, 8));
            blocks.reallocate(2, 8);
            assertFalse(blocks.isEmpty(2));

            Blocks other = allocator.blocks(1);
            blocks.exchange(0, other, 0);
            assertTrue(blocks.isEmpty(0));
            assertEquals(42, other.getLong(0, 8));
            other.free(0);
            assertTrue(other.isEmpty(0));
            blocks.freeAll(0, 3);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                Allocators.PTMALLOC4J_GLIBC,
                Allocators.PTMALLOC4J_SEGMENTS,
                Allocators.PTMALLOC4J_SEGMENTS + Allocators.ON_SERVICE,
                Allocators.PTMALLOC4J_BUFFERS,
                Allocators.PTMALLOC4J_BUFFERS + Allocators.ON_SERVICE,
                Allocators.LIBC,
                Allocators.ARENA_CONFINED,
                Allocators.DIRECT,
                Allocators.JEMALLOC,
                Allocators.MIMALLOC,
                Allocators.TCMALLOC
            })
    void alignsWhereItCan(String name) {
        Optional<String> missing = Allocators.missing(name);
        assumeTrue(missing.isEmpty(), () -> name + ": " + missing.get());
        try (Allocator allocator = Allocators.open(name)) {
            Blocks blocks = allocator.blocks(10);
            for (long alignment = 64; alignment <= 4096; alignment *= 8) {
                for (int i = 0; i < 10; i++) {
                    blocks.allocateAligned(i, 100, alignment);
                    assertEquals(0, blocks.address(i) % alignment, "block " + i + " to " + alignment);
                    blocks.fill(i, 100);
                    assertEquals(0x0101010101010101L, blocks.getLong(i, 92));
                }
                blocks.freeAll(0, 10);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void eachNativeLibraryIsCalledAndNoOther(NativeLibrary library) throws IOException {
        Optional<String> missing = library.missingForJava();
        assumeTrue(missing.isEmpty(), () -> library + ": " + missing.get());
        Path file = library.file().orElseThrow().toRealPath();
        for (String name : new String[] {"malloc", "calloc", "memalign", "realloc", "free"}) {
            long address = library.address(name);
            String mapping = Files.readAllLines(Path.of("/proc/self/maps")).stream()
                    .filter(line -> within(address, line.substring(0, line.indexOf(' '))))
                    .findFirst()
                    .orElseThrow();
            assertTrue(mapping.endsWith(file.toString()), () -> name + " of " + library + " is in " + mapping);
        }
    }

    @Test
    void aVariantIsOursWithTunablesOrANativeOneByCriticalDowncalls() {
        assertTrue(Allocators.isVariant("ptmalloc4j:tcache_count=0"));
        assertTrue(Allocators.isVariant(Allocators.PTMALLOC4J_LEAKS));
        assertTrue(Allocators.isVariant("jemalloc-critical"));
        assertFalse(Allocators.isVariant("hoard-critical"));
        assertFalse(Allocators.isVariant("arena-shared-critical"));
        assertFalse(Allocators.isVariant(Allocators.LIBC));
        assertThrows(IllegalArgumentException.class, () -> Allocators.isVariant("ptmalloc4j:speed=1"));
    }

    private static boolean within(long address, String range) {
        String[] ends = range.split("-");
        return address >= Long.parseUnsignedLong(ends[0], 16) && address < Long.parseUnsignedLong(ends[1], 16);
    }

    @Test
    void aNameThatIsNoneIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> Allocators.open("hoard"));
        assertEquals(Optional.empty(), Allocators.missing("hoard"));
    }
}
