package io.github.ptmalloc4j.benchmarks;

import static io.github.ptmalloc4j.benchmarks.allocators.Allocators.ON_SERVICE;

import io.github.ptmalloc4j.benchmarks.SideBySide.Row;
import io.github.ptmalloc4j.benchmarks.Target.Aim;
import io.github.ptmalloc4j.benchmarks.Target.Aim.Side;
import io.github.ptmalloc4j.benchmarks.Target.Cell;
import io.github.ptmalloc4j.benchmarks.Target.Form;
import io.github.ptmalloc4j.benchmarks.Target.Metric;
import io.github.ptmalloc4j.benchmarks.allocators.Allocators;
import io.github.ptmalloc4j.benchmarks.allocators.Lifetimes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the allocator aims at in speed and memory. One thread is compared by CPU time, several by wall time. */
final class TargetList {
    /** Runs of this row are {@link FirstAddress}'s. */
    static final Row START = new Row("first-address", 1);

    private static final String GLIBC = Allocators.PTMALLOC4J_GLIBC;
    private static final String SERVICE = Allocators.PTMALLOC4J_SERVICE;
    private static final String SEGMENTS = Allocators.PTMALLOC4J_SEGMENTS;
    private static final String BUFFERS_ON_SERVICE = Allocators.PTMALLOC4J_BUFFERS + ON_SERVICE;
    private static final String C = SideBySide.C;
    private static final String C_JEMALLOC = SideBySide.C_WITH + Allocators.JEMALLOC;
    private static final String C_MIMALLOC = SideBySide.C_WITH + Allocators.MIMALLOC;
    private static final String C_TCMALLOC = SideBySide.C_WITH + Allocators.TCMALLOC;

    private static final Metric CPU = Sample::cpuPerOperation;
    private static final Metric WALL = Sample::wallPerOperation;
    private static final Metric SPEED = sample -> 1 / sample.wallPerOperation();

    private static final String NO_TRACES = "--traces names no directory of recorded programs";
    /** Bytes: larger blocks are cached with the service preset only, so that these rows have both. */
    private static final int LARGEST_CACHED = 1024;
    /** Memory that the row with 8 GiB live needs. */
    private static final long LARGEST_LIVE_NEEDS = 12L << 30;

    private final List<Target> targets = new ArrayList<>();
    private final List<RecordedProgram> programs;

    private TargetList(List<RecordedProgram> programs) {
        this.programs = programs;
    }

    /** All of them, with rows for each of these programs. */
    static List<Target> all(List<RecordedProgram> programs) {
        TargetList list = new TargetList(programs);
        list.speed();
        list.memory();
        return list.targets;
    }

    private void speed() {
        for (int bytes : new int[] {16, 64, 256, 1024}) {
            Row pair = pair(bytes);
            ratio(pair, GLIBC, C_TCMALLOC, CPU, most(1.0));
            ratio(pair, GLIBC, C, CPU, most(0.6));
            ratio(pair, GLIBC, Allocators.LIBC_CRITICAL, CPU, most(0.55));
        }
        for (int bytes : new int[] {16, 64, 256, 1024}) {
            ratio(pair(bytes), SEGMENTS, GLIBC, CPU, most(1.2));
        }
        ratio(pair(64), Allocators.PTMALLOC4J_LEAKS, GLIBC, CPU, most(1.03));
        ratio(new Row("larson 1 5000", 8_000_000), Allocators.PTMALLOC4J_LEAKS, GLIBC, CPU, most(1.03));
        ratio(new Row("batch random", 4_000_000), Allocators.PTMALLOC4J_LEAKS, GLIBC, CPU, most(1.03));
        for (int bytes : new int[] {4096, 65_536, 262_144, 4_194_304}) {
            ratio(pair(bytes), GLIBC, C, CPU, most(1.2));
        }
        for (int bytes : new int[] {4096, 65_536}) {
            ratio(pair(bytes), SERVICE, C, CPU, most(1.2));
        }
        for (String order : List.of("fifo", "lifo", "random")) {
            presets(new Row("batch " + order, 4_000_000), CPU, 1.2, 0.5);
        }
        oneAndTwoThreads("larson %d 5000", 8_000_000);
        oneAndTwoThreads("glibc-thread %d", 32_000_000);
        Row same = new Row("xmalloc 64", 8_192_000);
        ratio(same, GLIBC, C, WALL, most(1.0));
        ratio(same, SERVICE, C, WALL, most(1.0));
        Row seventeen = new Row("xmalloc 0", 1_024_000);
        ratio(seventeen, SERVICE, C, WALL, most(0.15));
        value(seventeen, SERVICE, "peak resident", s -> s.peakBytes() / 1e6, new Aim(Side.AT_MOST, 40, " MB"));
        Row growth = new Row("realloc-growth", 300);
        ratio(growth, GLIBC, C, CPU, most(1.1));
        for (String other : List.of(C_MIMALLOC, C_TCMALLOC, C_JEMALLOC)) {
            ratio(growth, GLIBC, other, CPU, most(0.25));
        }
        for (int segments : new int[] {1, 10}) {
            for (int bytes : new int[] {64, 4096}) {
                Row one = new Row("lifetime %d %d 0".formatted(segments, bytes), 5_000_000 / segments);
                ratio(one, Lifetimes.PTMALLOC4J_CONFINED, Lifetimes.OF_CONFINED, CPU, most(0.5));
                ratio(one, Lifetimes.PTMALLOC4J_BUMP, Lifetimes.OF_CONFINED, CPU, most(0.5));
                if (bytes > LARGEST_CACHED) {
                    ratio(one, Lifetimes.PTMALLOC4J_CONFINED + ON_SERVICE, Lifetimes.OF_CONFINED, CPU, most(0.5));
                    ratio(one, Lifetimes.PTMALLOC4J_BUMP + ON_SERVICE, Lifetimes.OF_CONFINED, CPU, most(0.5));
                }
            }
        }
        for (int idle : new int[] {0, 200}) {
            Row shared = new Row("lifetime 1 1024 " + idle, 25_000);
            ratio(shared, Lifetimes.PTMALLOC4J_SHARED, Lifetimes.OF_SHARED, WALL, most(0.01));
        }
        for (int bytes : new int[] {256, 4096, 65_536}) {
            ratio(pair(bytes), Allocators.PTMALLOC4J_BUFFERS, Allocators.NETTY_POOLED, CPU, most(0.5));
            ratio(pair(bytes), Allocators.PTMALLOC4J_BUFFERS, Allocators.NETTY_ADAPTIVE, CPU, most(0.5));
            if (bytes > LARGEST_CACHED) {
                ratio(pair(bytes), BUFFERS_ON_SERVICE, Allocators.NETTY_POOLED, CPU, most(0.5));
                ratio(pair(bytes), BUFFERS_ON_SERVICE, Allocators.NETTY_ADAPTIVE, CPU, most(0.5));
            }
        }
        // A run itself takes some hundred bytes, for its clocks.
        for (String column : List.of(GLIBC, SEGMENTS)) {
            value(
                    pair(64),
                    column,
                    "Java heap an operation",
                    s -> (double) s.javaBytes() / s.operations(),
                    new Aim(Side.AT_MOST, 0.01, " B"));
        }
        replayTimes();
        live();
        starts();
    }

    private void oneAndTwoThreads(String name, long operations) {
        Row one = new Row(name.formatted(1), operations);
        Row two = new Row(name.formatted(2), 2 * operations);
        presets(one, CPU, 1.2, 0.8);
        presets(two, WALL, 1.2, 0.8);
        for (String column : List.of(GLIBC, SERVICE)) {
            String what = "%s, %s: operations a second against 1 thread".formatted(two.name(), column);
            targets.add(new Target(
                    what, new Cell(two, column), new Cell(one, column), SPEED, Form.RATIO, least(1.8, "×"), null));
        }
    }

    private void starts() {
        targets.add(new Target(
                "JVM start to first address, more than to the first Arena.ofConfined().allocate",
                new Cell(START, FirstAddress.HEAP),
                new Cell(START, FirstAddress.ARENA),
                s -> s.wallNanos() / 1e6,
                Form.DIFFERENCE,
                new Aim(Side.AT_MOST, 40, " ms"),
                null));
        targets.add(new Target(
                "JVM start to first address, the same, each JVM with an AOT cache: milliseconds",
                new Cell(START, FirstAddress.HEAP + FirstAddress.WITH_AOT_CACHE),
                new Cell(START, FirstAddress.ARENA + FirstAddress.WITH_AOT_CACHE),
                s -> s.wallNanos() / 1e6,
                Form.DIFFERENCE,
                null,
                Runtime.version().feature() < FirstAddress.FIRST_WITH_AOT_CACHE ? "JDK 25 is needed" : null));
    }

    /** The reads tell what the memory costs, whoever manages it. */
    private void live() {
        Row small = new Row("live 1", 2_000_000);
        for (int mebibytes : new int[] {64, 1024, 8192}) {
            Row large = new Row("live " + mebibytes, 2_000_000);
            live(small, large, GLIBC, most(1.3), available() >= LARGEST_LIVE_NEEDS || mebibytes < 8192);
        }
        Row largest = new Row("live 8192", 2_000_000);
        live(small, largest, C, null, available() >= LARGEST_LIVE_NEEDS);
    }

    private void live(Row small, Row large, String column, Aim aim, boolean fits) {
        Metric reading = s -> (double) s.extra() / s.operations();
        Metric rest = s -> s.cpuPerOperation() - reading.of(s);
        String name = "%s MiB against 1 MiB, %s: ".formatted(large.name(), column);
        Cell mine = new Cell(large, column);
        Cell base = new Cell(small, column);
        String unable = fits ? null : "12 GiB of free memory are needed";
        targets.add(new Target(name + "replace less one random read", mine, base, rest, Form.RATIO, aim, unable));
        targets.add(new Target(name + "replace", mine, base, CPU, Form.RATIO, null, unable));
        targets.add(new Target(name + "one random read", mine, base, reading, Form.RATIO, null, unable));
    }

    private void memory() {
        replayMemory();
        Row churn = new Row("churn 100000", 1_000_000);
        Row phase = new Row("phase 700000", 700_000);
        Metric perLive = s -> (double) s.peakBytes() / s.liveBytes();
        for (String column : List.of(GLIBC, SERVICE)) {
            value(churn, column, "resident / peak live", perLive, new Aim(Side.AT_MOST, 1.15, ""));
        }
        value(churn, C, "resident / peak live", perLive, null);
        for (String column : List.of(GLIBC, SERVICE)) {
            value(phase, column, "(resident − base) / peak live", perLive, new Aim(Side.AT_MOST, 1.21, ""));
        }
        value(phase, C, "(resident − base) / peak live", perLive, null);
        for (Row row : List.of(churn, phase)) {
            value(
                    row,
                    SERVICE,
                    "resident after everything is freed",
                    s -> 100.0 * s.afterBytes() / s.peakBytes(),
                    new Aim(Side.AT_MOST, 2, " % of the peak"));
        }
        for (String column : List.of(GLIBC, SERVICE)) {
            value(
                    new Row("threads", 1),
                    column,
                    "growth by 10,000 virtual and 1,000 platform threads",
                    Sample::extra,
                    new Aim(Side.AT_MOST, 0, " B"));
        }
    }

    private void replayTimes() {
        if (programs.isEmpty()) {
            cannot("replay of recorded programs against C", most(1.0), NO_TRACES);
        }
        for (RecordedProgram program : programs) {
            presets(program.row(), program.threads() == 1 ? CPU : WALL, 1.0, 1.0);
        }
    }

    private void replayMemory() {
        Aim same = new Aim(Side.EXACTLY, 0, " B");
        if (programs.isEmpty()) {
            cannot("replay of recorded programs: peak of the heap, more than C", same, NO_TRACES);
            cannot("replay of recorded programs: minor faults against C", most(1.02), NO_TRACES);
        }
        for (RecordedProgram program : programs) {
            Cell mine = new Cell(program.row(), GLIBC);
            Cell against = new Cell(program.row(), C);
            String what = "%s, %s: ".formatted(program.row().name(), GLIBC);
            Metric heap = Sample::arenaBytes;
            Metric faults = Sample::faults;
            targets.add(new Target(
                    what + "peak of the heap, more than C", mine, against, heap, Form.DIFFERENCE, same, null));
            targets.add(
                    new Target(what + "minor faults against C", mine, against, faults, Form.RATIO, most(1.02), null));
        }
    }

    private void presets(Row row, Metric metric, double glibc, double service) {
        ratio(row, GLIBC, C, metric, most(glibc));
        ratio(row, SERVICE, C, metric, most(service));
    }

    private void ratio(Row row, String mine, String against, Metric metric, Aim aim) {
        String what = "%s: %s against %s".formatted(row.name(), mine, against);
        targets.add(new Target(what, new Cell(row, mine), new Cell(row, against), metric, Form.RATIO, aim, null));
    }

    private void value(Row row, String column, String what, Metric metric, Aim aim) {
        targets.add(new Target(
                "%s, %s: %s".formatted(row.name(), column, what),
                new Cell(row, column),
                null,
                metric,
                Form.VALUE,
                aim,
                null));
    }

    private void cannot(String what, Aim aim, String why) {
        targets.add(new Target(what, null, null, null, Form.RATIO, aim, why));
    }

    private static Row pair(int bytes) {
        return new Row("pair " + bytes, bytes <= 1024 ? 20_000_000 : bytes <= 4096 ? 10_000_000 : 2_000_000);
    }

    private static Aim most(double bound) {
        return new Aim(Side.AT_MOST, bound, "×");
    }

    private static Aim least(double bound, String unit) {
        return new Aim(Side.AT_LEAST, bound, unit);
    }

    private static long available() {
        try {
            return Files.readAllLines(Path.of("/proc/meminfo")).stream()
                    .filter(line -> line.startsWith("MemAvailable:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }
}
