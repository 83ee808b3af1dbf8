package io.github.ptmalloc4j.lab.stress;

import java.util.concurrent.atomic.AtomicReferenceArray;

/** All calls at random. */
final class RandomMix {
    private static final int OPERATIONS = 200_000;
    private static final int SLOTS = 4000;
    private static final int SHARED = 512;
    private static final int KINDS = 100;

    private final AtomicReferenceArray<Held> shared = new AtomicReferenceArray<>(SHARED);

    private RandomMix() {}

    static Runnable round(Crew crew, Worker main) throws InterruptedException {
        RandomMix mix = new RandomMix();
        Held[][] slots = new Held[crew.size][crew.share(SLOTS, 8)];
        for (Held[] own : slots) {
            crew.start(worker -> mix.work(worker, own, crew.share(OPERATIONS, 100)));
        }
        crew.join();
        return () -> {
            for (Held[] own : slots) {
                main.free(own);
            }
            for (int i = 0; i < SHARED; i++) {
                main.free(mix.shared.getAndSet(i, null));
            }
        };
    }

    private void work(Worker worker, Held[] own, int operations) {
        for (int i = 0; i < operations; i++) {
            int slot = worker.random.nextInt(own.length);
            Held held = own[slot];
            own[slot] = held == null ? make(worker) : change(worker, held);
        }
    }

    private static Held make(Worker worker) {
        long bytes = Sizes.skewed(worker.random);
        int kind = worker.random.nextInt(KINDS);
        if (kind < 70) {
            return worker.malloc(bytes);
        }
        return kind < 90 ? worker.calloc(bytes) : worker.memalign(32L << worker.random.nextInt(9), bytes);
    }

    private Held change(Worker worker, Held held) {
        int kind = worker.random.nextInt(KINDS);
        if (kind < 15) {
            return worker.realloc(held, 1 + Sizes.skewed(worker.random));
        }
        if (kind < 45) {
            return shared.getAndSet(worker.random.nextInt(SHARED), held);
        }
        worker.free(held);
        return null;
    }
}
