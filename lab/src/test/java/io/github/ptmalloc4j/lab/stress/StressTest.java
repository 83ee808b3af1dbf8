package io.github.ptmalloc4j.lab.stress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.os.Memory;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

/** What a stress that finds something says of it. */
@Timeout(60)
class StressTest {
    private static final StressPlan PLAN = new StressPlan(0, 2, false, 1, Tunables.GLIBC);
    /** Not what any pattern of these tests holds there. */
    private static final long DAMAGE = 0;

    private final StringWriter out = new StringWriter();

    private int run(StressCommand command, String... arguments) {
        return new CommandLine(command).setOut(new PrintWriter(out, true)).execute(arguments);
    }

    /** A round in which a stray word lands in what one thread holds. */
    private static Runnable damaging(Crew crew, Worker main) throws InterruptedException {
        crew.start(worker -> {
            Held held = worker.malloc(100);
            Memory.putLong(held.mem() + 40, DAMAGE);
            worker.free(held);
        });
        crew.join();
        return () -> {};
    }

    private static StressResult stress(Mix.Round round) throws InterruptedException {
        return Stress.run(PLAN, "test", round);
    }

    private static void assertSays(String expected, StressResult result) {
        assertEquals(1, result.errors(), result::toString);
        String said = result.first().getFirst().toString();
        assertTrue(said.contains(expected), said);
    }

    @Test
    void everyMixIsFreeOfErrors() {
        int status = run(new StressCommand(), "--seconds=0", "--threads=3", "--seed=1");
        assertEquals(0, status, out::toString);
    }

    @Test
    void everyMixIsFreeOfErrorsOnVirtualThreadsOfTheServicePreset() {
        int status = run(new StressCommand(), "--seconds=0", "--threads=100", "--virtual", "--service", "--seed=1");
        assertEquals(0, status, out::toString);
    }

    @Test
    void theSeedOfARunIsPrintedAndCanBeGivenBack() {
        List<Long> seeds = new ArrayList<>();
        StressCommand.Runner idle = (plan, mix) -> {
            seeds.add(plan.seed());
            return new StressResult(mix.label(), 0, 0, 0, 0, 0, List.of(), 0);
        };
        assertEquals(0, run(new StressCommand(idle)));
        long chosen = seeds.getFirst();
        assertTrue(out.toString().lines().findFirst().orElseThrow().endsWith("seed " + chosen), out::toString);
        assertEquals(0, run(new StressCommand(idle), "--seed", Long.toString(chosen)));
        assertEquals(Set.of(chosen), Set.copyOf(seeds));
    }

    @Test
    void thePresetForServicesExcludesTunables() {
        assertEquals(2, run(new StressCommand(), "--seconds=0", "--service", "--tunables=mxfast=0"));
        assertEquals(0, run(new StressCommand(), "--seconds=0", "--threads=1", "--seed=1", "--tunables=mxfast=0"));
    }

    @Test
    void aDamagedBlockIsToldWithItsPlaceAndEndsInStatus1() {
        StressCommand.Runner damaged = (plan, mix) -> Stress.run(plan, mix.label(), StressTest::damaging);
        assertEquals(1, run(new StressCommand(damaged), "--seconds=0", "--threads=2", "--seed=5"), out::toString);
        assertTrue(out.toString().contains("free of 100 bytes of worker 1 at 0x"), out::toString);
        assertTrue(out.toString().contains("offset 40: expected "), out::toString);
        assertTrue(out.toString().contains("; seed 5"), out::toString);
    }

    @Test
    void aBlockDamagedByItsNeighbourIsNoticedByTheThreadThatInheritsIt() throws InterruptedException {
        assertSays("free of 24 bytes of worker 0", stress((crew, main) -> {
            Held held = main.malloc(24);
            Memory.putByte(held.mem() + 23, (byte) ~Memory.getByte(held.mem() + 23));
            crew.start(worker -> worker.free(held));
            crew.join();
            return () -> {};
        }));
    }

    @Test
    void aDamagedHeaderIsNoticedAtTheEndOfTheRound() throws InterruptedException {
        assertSays("end of a round", stress((crew, main) -> {
            Held held = main.malloc(2000);
            long header = held.mem() - Long.BYTES;
            Memory.putLong(header, Memory.getLong(header) + 32);
            return () -> {};
        }));
    }

    @Test
    void aLeakIsNoticedWhenAllShouldBeFree() throws InterruptedException {
        assertSays("all is freed, but ", stress((crew, main) -> {
            main.malloc(1 << 20);
            return () -> {};
        }));
    }

    @Test
    void aThreadThatFailsIsAnErrorAndEndsTheOthers() throws InterruptedException {
        assertSays("threw java.lang.IllegalStateException: out of patience", stress((crew, main) -> {
            crew.start(worker -> Thread.sleep(600_000));
            crew.start(worker -> {
                throw new IllegalStateException("out of patience");
            });
            crew.join();
            return () -> {};
        }));
    }
}
