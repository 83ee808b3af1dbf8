package io.github.ptmalloc4j.benchmarks.jmh;

import io.github.ptmalloc4j.benchmarks.workloads.Workload.Outcome;
import io.github.ptmalloc4j.verify.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What an invocation needed of memory, as secondary results. The last invocation of an iteration counts. */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.EVENTS)
public class Footprint {
    /** Resident at most beyond what was resident before, divided by the bytes that were asked for and live at most. */
    public double peakResidentPerLive;
    /** MB resident beyond the beginning once everything is freed, at once. */
    public double residentLeft;

    private long base;

    /** Runs, and takes the measure of it. */
    Outcome of(Supplier<Outcome> run) {
        begin();
        Outcome outcome = run.get();
        end(outcome);
        return outcome;
    }

    private void begin() {
        try {
            Files.writeString(Path.of("/proc/self/clear_refs"), "5"); // VmHWM counts from here.
        } catch (IOException e) {
            throw new IllegalStateException("the peak of the resident memory cannot be reset", e);
        }
        base = Status.bytes("VmRSS");
    }

    private void end(Outcome outcome) {
        long now = Status.bytes("VmRSS");
        long peak = Math.max(Status.bytes("VmHWM"), now);
        peakResidentPerLive = (double) (peak - base) / outcome.peakLive();
        residentLeft = (now - base) / 1e6;
    }
}
