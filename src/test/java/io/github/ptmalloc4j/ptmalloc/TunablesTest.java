package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TunablesTest {
    @Test
    void theDefaultsAreGlibcs() {
        Tunables glibc = Tunables.GLIBC;
        assertEquals(131_072, glibc.topPad());
        assertEquals(131_072, glibc.trimThreshold());
        assertEquals(131_072, glibc.mmapThreshold());
        assertEquals(65_536, glibc.mmapMax());
        assertTrue(glibc.dynamicThresholds());
        assertEquals(128, glibc.mxfast());
        assertEquals(0, glibc.perturb());
        assertEquals(8, glibc.arenaTest());
        assertEquals(0, glibc.arenaMax());
        assertEquals(0, glibc.check());
        assertEquals(1032, glibc.tcacheMax());
        assertEquals(7, glibc.tcacheCount());
        assertEquals(0, glibc.tcacheUnsortedLimit());
        assertEquals(0, glibc.hugetlb());
    }

    @Test
    void aBuilderStartsFromTheDefaults() {
        assertEquals(Tunables.GLIBC, Tunables.builder().build());
        Tunables changed = Tunables.builder().mxfast(0).build();
        assertEquals(changed, changed.toBuilder().build());
    }

    @ParameterizedTest
    @CsvSource({
        "mmap_max, -1, 0 or more",
        "mxfast, -1, 0 to 160 bytes",
        "mxfast, 161, 0 to 160 bytes",
        "tcache_count, -1, 0 to 65535",
        "tcache_count, 65536, 0 to 65535",
        "tcache_max, -1, 0 to 4194304 bytes",
        "tcache_max, 4194305, 0 to 4194304 bytes",
        "tcache_flush, 65536, 0 to 65535",
        "tcache_transfer, -1, 0 or more",
        "perturb, -1, 0 to 255",
        "perturb, 256, 0 to 255",
        "arena_test, 0, 1 or more",
        "arena_test, -1, 1 or more",
        "arena_max, -1, 0 or more",
        "hugetlb, -1, '0, 1, 2 or a power of two from 4096 on'",
        "hugetlb, 3, '0, 1, 2 or a power of two from 4096 on'",
        "hugetlb, 2048, '0, 1, 2 or a power of two from 4096 on'",
        "hugetlb, 5000, '0, 1, 2 or a power of two from 4096 on'",
        "check, -1, 0 to 3",
        "check, 4, 0 to 3"
    })
    void aValueOutOfItsRangeIsOneSentence(String name, String value, String range) {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> Tunables.parse(name + "=" + value));
        assertEquals("glibc.malloc." + name + " must be " + range + ", not " + value, e.getMessage());
    }

    @Test
    void theEndsOfEveryRangeAreAllowed() {
        String lowest = "mmap_max=0:mxfast=0:tcache_count=0:tcache_max=0:perturb=0:arena_test=1:arena_max=0:check=0";
        String highest = "mmap_max=2147483647:mxfast=160:tcache_count=65535:tcache_max=4194304:perturb=255:check=3";
        assertEquals(0, Tunables.parse(lowest).tcacheCount());
        assertEquals(65_535, Tunables.parse(highest).tcacheCount());
        assertEquals(160, Tunables.parse(highest).mxfast());
        assertEquals(1L << 30, Tunables.parse("hugetlb=0x40000000").hugetlb());
    }

    @Test
    void theFormOfTheEnvironmentIsRead() {
        Tunables expected =
                Tunables.builder().tcacheCount(0).mmapThreshold(262_144).build();
        assertEquals(expected, Tunables.parse("glibc.malloc.tcache_count=0:glibc.malloc.mmap_threshold=262144"));
        assertEquals(expected, Tunables.parse("tcache_count=0:mmap_threshold=0x40000"));
    }

    @Test
    void nothingChangesNothing() {
        assertEquals(Tunables.GLIBC, Tunables.parse(""));
        assertEquals(Tunables.GLIBC, Tunables.parse(":"));
    }

    @Test
    void everyTunableIsReadUnderItsName() {
        Tunables read = Tunables.parse("top_pad=1:trim_threshold=2:mmap_threshold=3:mmap_max=4:mxfast=5:perturb=6:"
                + "arena_test=7:arena_max=8:check=1:tcache_max=10:tcache_count=11:tcache_unsorted_limit=12:hugetlb=1"
                + ":remote_frees=1:tcache_flush=13:tcache_transfer=14:purge_millis=9");
        assertEquals(new Tunables(3, 2, 1, 4, false, 5, 11, 10, 12, 6, 7, 8, 1, 1, true, 13, 14, 9), read);
    }

    @Test
    void minusOneIsTheLargestSize() {
        assertEquals(-1, Tunables.parse("trim_threshold=-1").trimThreshold());
        assertEquals(-1, Tunables.parse("trim_threshold=18446744073709551615").trimThreshold());
        assertEquals(-1, Tunables.parse("trim_threshold=0xffffffffffffffff").trimThreshold());
    }

    @Test
    void anUnknownNameIsOneSentence() {
        assertSentence("glibc's malloc has no tunable colour", "colour=1");
        assertSentence("glibc's malloc has no tunable glibc.malloc.colour", "glibc.malloc.colour=1");
    }

    @Test
    void whatIsNoSettingIsOneSentence() {
        assertSentence("a tunable is NAME=VALUE, not mxfast", "mxfast");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "1x", "0x", "1 KiB", "--1", "99999999999999999999"})
    void whatIsNoNumberIsOneSentence(String value) {
        assertSentence("the value of top_pad is not a number: " + value, "top_pad=" + value);
    }

    @Test
    void aNumberTooWideForItsTunableIsRefused() {
        assertSentence("the value of mxfast is out of range: 4294967296", "mxfast=4294967296");
    }

    private static void assertSentence(String sentence, String text) {
        assertEquals(
                sentence,
                assertThrows(IllegalArgumentException.class, () -> Tunables.parse(text))
                        .getMessage());
    }

    @Test
    void settingAThresholdEndsTheDynamicOnes() {
        List<UnaryOperator<Tunables.Builder>> settings = List.of(
                b -> b.mmapThreshold(131_072),
                b -> b.trimThreshold(131_072),
                b -> b.topPad(131_072),
                b -> b.mmapMax(65_536));
        for (UnaryOperator<Tunables.Builder> setting : settings) {
            assertFalse(setting.apply(Tunables.builder()).build().dynamicThresholds());
        }
        assertTrue(Tunables.builder().mxfast(1).tcacheCount(1).build().dynamicThresholds());
    }

    @Test
    void everyComponentHasASetterOfItsName() {
        List<String> setters = Arrays.stream(Tunables.Builder.class.getDeclaredMethods())
                .map(method -> method.getName())
                .toList();
        for (var component : Tunables.class.getRecordComponents()) {
            assertTrue(setters.contains(component.getName()), component.getName());
        }
    }
}
