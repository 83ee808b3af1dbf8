package io.github.ptmalloc4j;

import io.github.ptmalloc4j.os.MappingObserver;
import io.github.ptmalloc4j.os.MeteredOs;
import io.github.ptmalloc4j.ptmalloc.MallocObserver;

/** Passes what happens in a heap on: to Flight Recorder where one records, and to the listener of the limit. */
final class HeapObserver implements MappingObserver, MallocObserver {
    private final String heap;
    private final long limit;
    private final LimitListener listener;
    /** Null, nobody looks for leaks. */
    private final LeakFinder leaks;

    private MeteredOs os;

    /**
     * For one heap.
     *
     * @param limit mapped bytes at most; {@link MeteredOs#NONE}
     * @param listener hears of nearing it; null, nobody
     * @param leaks hears of sampled blocks; null, nobody
     */
    HeapObserver(String heap, long limit, LimitListener listener, LeakFinder leaks) {
        this.heap = heap;
        this.limit = limit;
        this.listener = listener;
        this.leaks = leaks;
    }

    /** Where mapped bytes are counted. */
    void setOs(MeteredOs metered) {
        os = metered;
    }

    @Override
    public void mapped(long address, long bytes) {
        if (FlightRecording.isOn()) {
            HeapEvent.mapped(heap, address, bytes);
        }
    }

    @Override
    public void unmapped(long address, long bytes) {
        if (FlightRecording.isOn()) {
            HeapEvent.unmapped(heap, address, bytes);
        }
    }

    @Override
    public void grown(long address, long bytes) {
        if (FlightRecording.isOn()) {
            HeapEvent.grown(heap, address, bytes);
        }
    }

    @Override
    public void trimmed(long address, long bytes) {
        if (FlightRecording.isOn()) {
            HeapEvent.trimmed(heap, address, bytes);
        }
    }

    @Override
    public void arenaCreated(int index) {
        if (FlightRecording.isOn()) {
            HeapEvent.arenaCreated(heap, index);
        }
    }

    @Override
    public void outOfMemory(long bytes) {
        if (FlightRecording.isOn()) {
            HeapEvent.outOfMemory(heap, bytes, os.mapped(), limit == MeteredOs.NONE ? -1 : limit);
        }
    }

    @Override
    public void sampled(long mem, long bytes, long weight) {
        if (leaks != null) {
            leaks.sampled(mem, bytes, weight);
        }
        if (FlightRecording.isSampling() && !HeapEvent.sampled(heap, bytes, weight)) {
            FlightRecording.sampleIfWanted();
        }
    }

    @Override
    public Object freed(long mem) {
        return leaks.freed(mem);
    }

    @Override
    public void notFreed(Object freed) {
        leaks.notFreed(freed);
    }

    @Override
    public void nearLimit(long mapped) {
        if (listener != null) {
            Thread.startVirtualThread(() -> listener.nearLimit(mapped, limit));
        }
    }
}
