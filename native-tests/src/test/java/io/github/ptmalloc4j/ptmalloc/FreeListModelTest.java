package io.github.ptmalloc4j.ptmalloc;

import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.junit.jupiter.api.Test;

/** Threads that take arenas from the free list and leave them again: a stack, in which no arena is lost or doubled. */
public class FreeListModelTest {
    private static final MallocPar SETTINGS = settings();

    private final Arenas arenas = new Arenas(SETTINGS, new Threads(SETTINGS));
    private final MallocState[] known = new MallocState[2];
    private final PerThread[] threads = new PerThread[8];

    public FreeListModelTest() {
        for (int i = 0; i < threads.length; i++) {
            threads[i] = PerThread.nobody(SETTINGS);
        }
        for (int i = 0; i < known.length; i++) {
            known[i] = MallocState.none(arenas.main);
            known[i].attachedThreads = 1;
            PerThread leaving = PerThread.nobody(SETTINGS);
            leaving.arena = known[i];
            arenas.detach(leaving);
        }
    }

    private static MallocPar settings() {
        OnePage page = new OnePage();
        return new MallocPar(page, page, 0, Tunables.GLIBC, MallocObserver.NONE);
    }

    /** The number of the arena that the thread gets: 0 if there is none, −1 if it has one. */
    @Operation
    public int take(@Param(gen = ThreadIdGen.class) int thread) {
        if (threads[thread].arena != null) {
            return -1;
        }
        MallocState av = arenas.takeFromFreeList(threads[thread]);
        return av == null ? 0 : av == known[0] ? 1 : 2;
    }

    @Operation
    public void leave(@Param(gen = ThreadIdGen.class) int thread) {
        arenas.detach(threads[thread]);
    }

    @Test
    void noInterleavingLosesOrDoublesAnArena() {
        Models.checkInterleavings(FreeListModelTest.class);
    }

    @Test
    void realThreadsDoNotLoseOrDoubleAnArena() {
        Models.stress(FreeListModelTest.class);
    }
}
