package io.github.ptmalloc4j.lab.stress;

/** larson: blocks of threads that are dead are freed by those that inherit them. */
final class BleedingMix {
    private static final int OPERATIONS = 40_000;
    private static final int SLOTS = 10_000;
    private static final int GENERATIONS = 8;
    private static final long SMALLEST = 8;
    private static final long LARGEST = 1000;

    private BleedingMix() {}

    static Runnable round(Crew crew, Worker main) throws InterruptedException {
        Held[][] slots = new Held[crew.size][crew.share(SLOTS, 8)];
        for (Held[] own : slots) {
            crew.start(worker -> live(crew, worker, own, GENERATIONS));
        }
        crew.join();
        return () -> {
            for (Held[] own : slots) {
                main.free(own);
            }
        };
    }

    private static void live(Crew crew, Worker worker, Held[] own, int generations) {
        int operations = crew.share(OPERATIONS, 32);
        for (int i = 0; i < operations; i++) {
            int slot = worker.random.nextInt(own.length);
            worker.free(own[slot]);
            own[slot] = worker.malloc(worker.random.nextLong(SMALLEST, LARGEST));
        }
        if (generations > 1) {
            crew.start(successor -> live(crew, successor, own, generations - 1));
        }
    }
}
