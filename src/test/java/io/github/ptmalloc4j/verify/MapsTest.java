package io.github.ptmalloc4j.verify;

import static io.github.ptmalloc4j.verify.Mapped.PAGE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.os.Linux;
import io.github.ptmalloc4j.os.Os;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MapsTest {
    @Test
    void aMappingIsFoundAtEachOfItsAddressesAndAtNoOther() {
        try (Mapped pages = Mapped.pages(3)) {
            Maps.Mapping mapping = Maps.read().at(pages.from()).orElseThrow();
            assertEquals(new Maps.Mapping(pages.from(), pages.to(), "rw-p", ""), mapping);
            assertEquals(3 * PAGE, mapping.bytes());
            assertTrue(mapping.contains(pages.to() - 1));
            assertEquals("---p", Maps.read().at(pages.to()).orElseThrow().permissions());
            assertEquals("---p", Maps.read().at(pages.from() - 1).orElseThrow().permissions());
        }
    }

    @Test
    void permissionsOfARangeNameEachKindOnceInOrder() {
        try (Mapped pages = Mapped.pages(5)) {
            assertEquals("rw-p", Maps.read().permissions(pages.from(), pages.to()));
            Linux.KERNEL.mprotect(pages.page(1), PAGE, Os.PROT_READ);
            assertEquals("rw-p+r--p", Maps.read().permissions(pages.from(), pages.to()));
            assertEquals("r--p", Maps.read().permissions(pages.page(1), pages.page(2)));
            assertEquals("---p+rw-p", Maps.read().permissions(pages.from() - PAGE, pages.page(1)));
        }
    }

    @Test
    void aHoleInARangeIsUnmapped() {
        try (Mapped pages = Mapped.pages(5)) {
            Linux.KERNEL.munmap(pages.page(1), 3 * PAGE);
            assertEquals(Maps.UNMAPPED, Maps.read().permissions(pages.page(1), pages.page(4)));
            assertEquals("rw-p+unmapped", Maps.read().permissions(pages.from(), pages.to()));
            assertEquals("unmapped+rw-p", Maps.read().permissions(pages.page(3), pages.to()));
            assertEquals("rw-p+unmapped", Maps.read().permissions(pages.from(), pages.page(2)));
        }
    }

    @Test
    void aRangeIsOverlappedByItsNeighboursOnlyWhereTheyReachIntoIt() {
        try (Mapped pages = Mapped.pages(2)) {
            assertEquals(1, Maps.read().overlapping(pages.from(), pages.to()).size());
            assertEquals(
                    3, Maps.read().overlapping(pages.from() - 1, pages.to() + 1).size());
        }
    }

    @Test
    void aNameMayContainBlanks(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("a name with blanks");
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            assertEquals(List.of(), Maps.read().named(file.toString()));
            var mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, PAGE, java.lang.foreign.Arena.ofShared());
            List<Maps.Mapping> found = Maps.read().named(file.toString());
            assertEquals(
                    List.of(new Maps.Mapping(mapped.address(), mapped.address() + PAGE, "rw-s", file.toString())),
                    found);
        }
    }

    @Test
    void theMainStackIsThereByName() {
        List<Maps.Mapping> stack = Maps.read().named("[stack]");
        assertEquals(1, stack.size());
        assertEquals("rw-p", stack.getFirst().permissions());
    }
}
