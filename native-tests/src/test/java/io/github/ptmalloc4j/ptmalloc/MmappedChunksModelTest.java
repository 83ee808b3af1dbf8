package io.github.ptmalloc4j.ptmalloc;

import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/** The table of mmapped chunks under threads is the table under one. */
@Param(name = "page", gen = IntGen.class, conf = "1:4")
public class MmappedChunksModelTest {
    private final MmappedChunks chunks = new MmappedChunks();

    @Operation
    public void put(@Param(name = "page") int page) {
        chunks.put(4096L * page, 4096L * page, 4096L);
    }

    @Operation
    public void remove(@Param(name = "page") int page) {
        chunks.remove(4096L * page);
    }

    @Operation
    public void move(@Param(name = "page") int page) {
        chunks.move(4096L * page, 4096L * (page + 1), 4096L * (page + 1), 8192);
    }

    @Operation
    public boolean contains(@Param(name = "page") int page) {
        return chunks.contains(4096L * page);
    }

    @Test
    void noInterleavingConfusesTheTable() {
        Models.checkInterleavings(MmappedChunksModelTest.class);
    }

    @Test
    void realThreadsDoNotConfuseTheTable() {
        Models.stress(MmappedChunksModelTest.class);
    }
}
