package io.github.ptmalloc4j.lab.stress;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** mstress: threads in rounds; some blocks are retained, some migrate through slots, some are large. */
final class MigratingMix {
    private static final int OPERATIONS = 40_000;
    private static final int TRANSFER = 1000;
    private static final int STARTS = 4;
    private static final int PERCENT = 100;
    /** Elements by which the vector of items grows. */
    private static final int VECTOR_STEP = 100;

    private final AtomicReferenceArray<Held> transfer = new AtomicReferenceArray<>(TRANSFER);

    private MigratingMix() {}

    static Runnable round(Crew crew, Worker main) throws InterruptedException {
        MigratingMix mix = new MigratingMix();
        for (int i = 0; i < STARTS; i++) {
            for (int t = 0; t < crew.size; t++) {
                int weight = t % 8 + 1;
                crew.start(worker -> mix.work(worker, crew.share(OPERATIONS, 32) * weight / 4));
            }
            crew.join();
            mix.freeTransfer(main, i % 2);
        }
        return () -> {
            mix.freeTransfer(main, 0);
            mix.freeTransfer(main, 1);
        };
    }

    /** Every second slot. */
    private void freeTransfer(Worker worker, int from) {
        for (int i = from; i < TRANSFER; i += 2) {
            worker.free(transfer.getAndSet(i, null));
        }
    }

    private void work(Worker worker, int operations) {
        Held[] data = new Held[operations];
        Held[] retained = new Held[operations];
        Held vector = worker.malloc(Long.BYTES * VECTOR_STEP);
        for (int i = 0; i < operations; i++) {
            if (worker.random.nextInt(PERCENT) < 51) {
                data[i] = worker.malloc(Sizes.powers(worker.random, 5));
            } else {
                retained[i] = worker.malloc(Sizes.powers(worker.random, 7));
            }
            if (i % VECTOR_STEP == VECTOR_STEP - 1 && vector != null) {
                vector = worker.realloc(vector, (long) Long.BYTES * (i + VECTOR_STEP));
            }
            int other = worker.random.nextInt(i + 1);
            if (worker.random.nextInt(PERCENT) < 67) {
                worker.free(data[other]);
                data[other] = null;
            }
            if (worker.random.nextInt(PERCENT) < 26) {
                data[other] = transfer.getAndSet(worker.random.nextInt(TRANSFER), data[other]);
            }
        }
        worker.free(vector);
        Arrays.asList(data, retained).forEach(worker::free);
    }
}
