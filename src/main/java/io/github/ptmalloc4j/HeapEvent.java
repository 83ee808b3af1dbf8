package io.github.ptmalloc4j;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import jdk.jfr.Percentage;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;
import jdk.jfr.Unsigned;

/**
 * The events of Flight Recorder, {@code ptmalloc4j.*}. All but statistics and samples happen where the heap calls the system or
 * finds nothing, with the stack of the thread whose request it was.
 */
@Category("ptmalloc4j")
abstract sealed class HeapEvent extends Event {
    @Label("Heap")
    @Description("The heap's name, or its number in the order in which heaps were made")
    String heap;

    static void mapped(String heap, long address, long bytes) {
        commit(new Mapped(), heap, address, bytes);
    }

    static void unmapped(String heap, long address, long bytes) {
        commit(new Unmapped(), heap, address, bytes);
    }

    static void grown(String heap, long address, long bytes) {
        commit(new Grown(), heap, address, bytes);
    }

    static void trimmed(String heap, long address, long bytes) {
        commit(new Trimmed(), heap, address, bytes);
    }

    private static void commit(Pages event, String heap, long address, long bytes) {
        event.heap = heap;
        event.address = address;
        event.size = bytes;
        event.commit();
    }

    static void arenaCreated(String heap, int arena) {
        ArenaCreated event = new ArenaCreated();
        event.heap = heap;
        event.arena = arena;
        event.commit();
    }

    static void outOfMemory(String heap, long requested, long mapped, long limit) {
        OutOfMemory event = new OutOfMemory();
        event.heap = heap;
        event.requested = requested;
        event.mapped = mapped;
        event.limit = limit;
        event.commit();
    }

    /** Whether anybody wants samples. */
    static boolean sampled(String heap, long requested, long weight) {
        AllocationSample event = new AllocationSample();
        boolean wanted = event.isEnabled();
        if (wanted) {
            event.heap = heap;
            event.requested = requested;
            event.weight = weight;
            event.commit();
        }
        return wanted;
    }

    /** An event that concerns some pages. */
    abstract static sealed class Pages extends HeapEvent {
        @Label("Address")
        @MemoryAddress
        long address;

        @Label("Size")
        @DataAmount(DataAmount.BYTES)
        long size;
    }

    /** The break went up, reserved pages were opened, a mapping became longer. */
    @Name("ptmalloc4j.HeapGrown")
    @Label("Heap Grown")
    @StackTrace(true)
    static final class Grown extends Pages {}

    /** A new mapping: a large chunk, or the pages of an arena. */
    @Name("ptmalloc4j.HeapMapped")
    @Label("Heap Mapped")
    @StackTrace(true)
    static final class Mapped extends Pages {}

    /** A mapping is gone. */
    @Name("ptmalloc4j.HeapUnmapped")
    @Label("Heap Unmapped")
    @StackTrace(true)
    static final class Unmapped extends Pages {}

    /** Pages were given back whose addresses stay. */
    @Name("ptmalloc4j.HeapTrimmed")
    @Label("Heap Trimmed")
    @StackTrace(true)
    static final class Trimmed extends Pages {}

    /** One more arena. */
    @Name("ptmalloc4j.ArenaCreated")
    @Label("Arena Created")
    @StackTrace(true)
    static final class ArenaCreated extends HeapEvent {
        @Label("Arena")
        int arena;
    }

    /** A request found no memory. */
    @Name("ptmalloc4j.OutOfMemory")
    @Label("Out of Memory")
    @StackTrace(true)
    static final class OutOfMemory extends HeapEvent {
        @Label("Requested")
        @DataAmount(DataAmount.BYTES)
        @Unsigned
        long requested;

        @Label("Mapped")
        @DataAmount(DataAmount.BYTES)
        long mapped;

        @Label("Limit")
        @Description("Bytes that the heap may map, -1 if there is no limit")
        @DataAmount(DataAmount.BYTES)
        long limit;
    }

    /** A request chosen now and then; see {@link HeapBuilder#sampleEvery}. Unless it is enabled, nothing is chosen. */
    @Name("ptmalloc4j.AllocationSample")
    @Label("Allocation Sample")
    @Enabled(false)
    @StackTrace(true)
    static final class AllocationSample extends HeapEvent {
        @Label("Requested")
        @DataAmount(DataAmount.BYTES)
        long requested;

        @Label("Weight")
        @Description("Requested bytes that the sample stands for: summed up, what stacks ask for")
        @DataAmount(DataAmount.BYTES)
        long weight;
    }

    /** Now and then, for each heap: its {@link HeapSnapshot}. */
    @Name("ptmalloc4j.HeapStatistics")
    @Label("Heap Statistics")
    @Enabled(true)
    @Period("10 s")
    @StackTrace(false)
    static final class Statistics extends HeapEvent {
        @Label("Requested")
        @Description("What users asked for in the blocks that they hold, estimated")
        @DataAmount(DataAmount.BYTES)
        long requested;

        @Label("Blocks")
        @Description("Blocks that users hold")
        long blocks;

        @Label("Allocations")
        @Description("Blocks that were handed out since the heap began")
        long allocations;

        @Label("In Use")
        @DataAmount(DataAmount.BYTES)
        long inUse;

        @Label("Cached")
        @DataAmount(DataAmount.BYTES)
        long cached;

        @Label("Free")
        @DataAmount(DataAmount.BYTES)
        long free;

        @Label("Top")
        @DataAmount(DataAmount.BYTES)
        long top;

        @Label("Trimmable")
        @DataAmount(DataAmount.BYTES)
        long trimmable;

        @Label("Mapped")
        @DataAmount(DataAmount.BYTES)
        long mapped;

        @Label("Resident")
        @Description("Bytes in memory, -1 where the kernel does not tell")
        @DataAmount(DataAmount.BYTES)
        long resident;

        @Label("Limit")
        @Description("Bytes that the heap may map, -1 if there is no limit")
        @DataAmount(DataAmount.BYTES)
        long limit;

        @Label("Fragmentation")
        @Description("Free bytes below the tops, as a part of all bytes there")
        @Percentage
        double fragmentation;

        @Label("Arenas")
        int arenas;

        @Label("Operations")
        @Description("Requests and frees that reached an arena")
        long operations;

        @Label("System Calls")
        long systemCalls;

        Statistics(String heap, HeapSnapshot s) {
            this.heap = heap;
            requested = s.requested();
            blocks = s.calls().blocks();
            allocations = s.calls().mallocs();
            inUse = s.inUse();
            cached = s.cached();
            free = s.free();
            top = s.top();
            trimmable = s.trimmable();
            mapped = s.mapped();
            resident = s.resident();
            limit = s.limit();
            fragmentation = s.fragmentation();
            arenas = s.arenas().size();
            operations = s.operations();
            systemCalls = s.systemCalls().total();
        }
    }
}
