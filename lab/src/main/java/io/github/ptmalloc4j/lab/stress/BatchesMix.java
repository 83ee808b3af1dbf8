package io.github.ptmalloc4j.lab.stress;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** xmalloc: all frees are another thread's. */
final class BatchesMix {
    private static final int OBJECTS = 200_000;
    private static final int BATCH = 256;
    private static final int WAITING = 100;
    private static final Held[] END = {};
    private static final long[] SIZES = {8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048};

    private final BlockingQueue<Held[]> queue = new ArrayBlockingQueue<>(WAITING);
    private final AtomicInteger producing;
    private final int consumers;

    private BatchesMix(int producers, int consumers) {
        this.producing = new AtomicInteger(producers);
        this.consumers = consumers;
    }

    static Runnable round(Crew crew, Worker main) throws InterruptedException {
        int producers = Math.max(1, crew.size / 2);
        BatchesMix mix = new BatchesMix(producers, Math.max(1, crew.size - producers));
        int batches = Math.max(1, OBJECTS / BATCH / producers);
        for (int i = 0; i < producers; i++) {
            crew.start(worker -> mix.produce(worker, batches));
        }
        for (int i = 0; i < mix.consumers; i++) {
            crew.start(mix::consume);
        }
        crew.join();
        // What is left if a thread failed.
        return () -> mix.queue.forEach(main::free);
    }

    private void produce(Worker worker, int batches) throws InterruptedException {
        for (int i = 0; i < batches; i++) {
            Held[] batch = new Held[BATCH + 1];
            batch[BATCH] = worker.malloc(Long.BYTES * (BATCH + 1));
            for (int k = 0; k < BATCH; k++) {
                batch[k] = worker.malloc(SIZES[worker.random.nextInt(SIZES.length)]);
            }
            queue.put(batch);
        }
        if (producing.decrementAndGet() == 0) {
            for (int i = 0; i < consumers; i++) {
                queue.put(END);
            }
        }
    }

    private void consume(Worker worker) throws InterruptedException {
        for (Held[] batch = queue.take(); batch != END; batch = queue.take()) {
            worker.free(batch);
        }
    }
}
