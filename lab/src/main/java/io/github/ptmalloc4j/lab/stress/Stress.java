package io.github.ptmalloc4j.lab.stress;

import io.github.ptmalloc4j.HeapSnapshot;
import io.github.ptmalloc4j.Ptmalloc;
import java.util.concurrent.TimeUnit;

/** Runs a mix on a fresh heap, round by round, until its time is over. */
public final class Stress {
    private static final int MIXES = Mix.values().length;
    private final StressPlan plan;
    private final Mix.Round round;
    private final Tally tally;

    private Stress(StressPlan plan, String label, Mix.Round round) {
        this.plan = plan;
        this.round = round;
        this.tally = new Tally(label);
    }

    /** Runs one mix for its share of the time. */
    public static StressResult run(StressPlan plan, Mix mix) throws InterruptedException {
        return run(plan, mix.label(), mix.round);
    }

    /** The same for rounds that are none of the mixes. */
    static StressResult run(StressPlan plan, String label, Mix.Round round) throws InterruptedException {
        return new Stress(plan, label, round).run();
    }

    private StressResult run() throws InterruptedException {
        long began = System.nanoTime();
        long end = began + (long) (plan.seconds() / MIXES * TimeUnit.SECONDS.toNanos(1));
        long rounds = 0;
        try (Ptmalloc heap = Ptmalloc.create(plan.tunables())) {
            Crew crew = new Crew(plan, heap, tally);
            do {
                rounds++;
                round(heap, crew);
            } while (System.nanoTime() < end && tally.errors.sum() == 0);
        }
        return StressResult.of(tally, rounds, System.nanoTime() - began);
    }

    private void round(Ptmalloc heap, Crew crew) throws InterruptedException {
        Worker main = crew.worker();
        try {
            Runnable freeRest = round.run(crew, main);
            heap.check();
            freeRest.run();
            bury(heap);
            heap.check();
            requireEmpty(heap.snapshot());
        } catch (RuntimeException | AssertionError e) {
            tally.violated(-1, e + " at " + Crew.where(e));
        } finally {
            main.report();
        }
    }

    /** A new thread that allocates makes the heap look for dead ones. */
    private static void bury(Ptmalloc heap) throws InterruptedException {
        Thread gravedigger = Thread.ofPlatform().start(() -> {
            heap.free(heap.malloc(1));
            heap.releaseThread();
        });
        gravedigger.join();
        heap.mallocTrim(0);
    }

    /** What is in caches is not in use. A purge that comes in between may make it look like less than nothing. */
    private void requireEmpty(HeapSnapshot snapshot) {
        if (snapshot.inUse() > 0) {
            tally.violated(
                    -1,
                    "all is freed, but %,d bytes are in use, %,d of them in %d mappings"
                            .formatted(snapshot.inUse(), snapshot.mappedChunkBytes(), snapshot.mappedChunks()));
        }
        tally.checks.increment();
    }
}
