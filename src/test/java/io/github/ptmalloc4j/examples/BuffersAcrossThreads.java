package io.github.ptmalloc4j.examples;

import io.github.ptmalloc4j.HeapSegments;
import io.github.ptmalloc4j.Ptmalloc;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import java.nio.ByteBuffer;
import java.util.concurrent.*;

public final class BuffersAcrossThreads {
    public static void main(String[] args) throws InterruptedException {
        try (Ptmalloc heap = Ptmalloc.create(Tunables.service());
                ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            HeapSegments segments = heap.segments();
            BlockingQueue<ByteBuffer> queue = new ArrayBlockingQueue<>(16);
            readers.submit(() -> {
                for (int i = 1; i <= 1000; i++) {
                    queue.put(segments.allocateBuffer(8192).putInt(0, i)); // direct, zeroed
                }
                return null;
            });
            long sum = 0;
            for (int i = 1; i <= 1000; i++) {
                ByteBuffer buffer = queue.take();
                sum += buffer.getInt(0);
                segments.free(buffer); // any thread may, once; the memory is free now
            }
            System.out.println(sum);
        }
    }
}
