package io.github.ptmalloc4j.lab.conform;

import java.util.List;

/** The settings under which both sides are compared: each tunable that changes placement, and a few together. */
final class TunablesSet {
    /** In the form of GLIBC_TUNABLES, without the prefix that all share. */
    private static final List<String> SHORT = List.of(
            "",
            "tcache_count=0",
            "tcache_count=1",
            "tcache_count=100",
            "tcache_max=0",
            "tcache_max=100",
            "mxfast=0",
            "mxfast=160",
            "tcache_count=0:mxfast=0",
            "tcache_count=0:mxfast=160",
            "top_pad=0",
            "top_pad=1000000",
            "top_pad=67108864:tcache_count=0",
            "trim_threshold=4096:top_pad=0",
            "trim_threshold=0:top_pad=0:tcache_count=2",
            "trim_threshold=0xffffffffffffffff",
            "mmap_threshold=4096",
            "mmap_threshold=20000:tcache_count=0:mxfast=0",
            "mmap_threshold=1073741824",
            "mmap_max=0",
            "mmap_max=3",
            "perturb=170",
            "perturb=1:tcache_count=0",
            "tcache_unsorted_limit=1",
            "tcache_unsorted_limit=3:mxfast=0",
            "tcache_unsorted_limit=8:tcache_count=100");

    /** What matters to several threads. */
    private static final List<String> SHORT_THREADED = List.of(
            "",
            "arena_max=1",
            "arena_max=2",
            "arena_max=3:tcache_count=0",
            "arena_max=5:perturb=170",
            "arena_test=1",
            "arena_test=3:tcache_count=2",
            "tcache_count=0",
            "tcache_count=0:mxfast=0",
            "tcache_count=100:arena_max=4",
            "mmap_threshold=1073741824",
            "mmap_threshold=1073741824:arena_max=2:tcache_count=0:trim_threshold=131072",
            "mmap_threshold=4096",
            "mmap_max=0",
            "top_pad=0:trim_threshold=4096",
            "top_pad=67108864:arena_max=4",
            "trim_threshold=0:top_pad=0:arena_max=3",
            "tcache_unsorted_limit=3:mxfast=160");

    /** All of them, as they go into the environment. */
    static final List<String> ALL = SHORT.stream().map(TunablesSet::complete).toList();

    /** The same for several threads. */
    static final List<String> THREADED =
            SHORT_THREADED.stream().map(TunablesSet::complete).toList();

    private TunablesSet() {}

    /** Adds the prefix {@code glibc.malloc.} to each name that lacks it. */
    static String complete(String tunables) {
        StringBuilder complete = new StringBuilder();
        for (String tunable : tunables.split(":")) {
            if (!tunable.isBlank()) {
                complete.append(complete.isEmpty() ? "" : ":");
                complete.append(tunable.startsWith("glibc.") ? "" : "glibc.malloc.")
                        .append(tunable.strip());
            }
        }
        return complete.toString();
    }
}
