package io.github.ptmalloc4j.benchmarks.allocators;

import io.github.ptmalloc4j.Ptmalloc;
import io.github.ptmalloc4j.ptmalloc.Tunables;
import java.lang.foreign.Arena;
import java.util.Locale;
import java.util.Optional;

/** The allocators by name. */
public final class Allocators {
    /** Our heap by addresses, with glibc's settings. */
    public static final String PTMALLOC4J_GLIBC = "ptmalloc4j-glibc";

    /** Our heap by addresses, with the settings for services. */
    public static final String PTMALLOC4J_SERVICE = "ptmalloc4j-service";

    /** Our heap by segments that are not zeroed, with glibc's settings. */
    public static final String PTMALLOC4J_SEGMENTS = "ptmalloc4j-segments";

    /** Our heap by direct buffers that are not zeroed, with glibc's settings. */
    public static final String PTMALLOC4J_BUFFERS = "ptmalloc4j-buffers";

    /** Our heap by addresses, looking for leaks by samples; with glibc's settings. */
    public static final String PTMALLOC4J_LEAKS = "ptmalloc4j-leaks";

    /** The C library's malloc through plain downcalls. */
    public static final String LIBC = "libc";

    /** The C library's malloc through critical downcalls. */
    public static final String LIBC_CRITICAL = "libc-critical";

    /** An {@link Arena#ofConfined} for each block. */
    public static final String ARENA_CONFINED = "arena-confined";

    /** An {@link Arena#ofShared} for each block. */
    public static final String ARENA_SHARED = "arena-shared";

    /** {@link java.nio.ByteBuffer#allocateDirect}. */
    public static final String DIRECT = "direct";

    /** Netty's pooled allocator. */
    public static final String NETTY_POOLED = "netty-pooled";

    /** Netty's adaptive allocator. */
    public static final String NETTY_ADAPTIVE = "netty-adaptive";

    /** jemalloc through plain downcalls. */
    public static final String JEMALLOC = "jemalloc";

    /** mimalloc through plain downcalls. */
    public static final String MIMALLOC = "mimalloc";

    /** tcmalloc through plain downcalls. */
    public static final String TCMALLOC = "tcmalloc";

    /** Behind the name of another face of our heap: with the settings for services. */
    public static final String ON_SERVICE = "-service";

    private static final String WITH_TUNABLES = "ptmalloc4j:";
    private static final String CRITICAL = "-critical";

    private Allocators() {}

    /**
     * A fresh allocator, as far as the kind can be fresh in a process.
     *
     * @param name one of the constants; {@code ptmalloc4j:} and what {@link Tunables#parse} takes; a native one with
     *     {@code -critical}; our segments and buffers with {@link #ON_SERVICE}; a name of {@link Lifetimes}
     * @throws IllegalArgumentException if there is no such name
     * @throws IllegalStateException if it cannot be used here; the message says what is missing
     */
    public static Allocator open(String name) {
        missing(name).ifPresent(reason -> {
            throw new IllegalStateException(name + ": " + reason);
        });
        if (name.startsWith(WITH_TUNABLES)) {
            return ours(Tunables.parse(name.substring(WITH_TUNABLES.length())));
        }
        return switch (name) {
            case PTMALLOC4J_GLIBC -> ours(Tunables.GLIBC);
            case PTMALLOC4J_SERVICE -> ours(Tunables.service());
            case PTMALLOC4J_LEAKS ->
                new PtmallocAllocator(
                        CountedHeap.of(Ptmalloc.builder().findLeaks().build()));
            case PTMALLOC4J_SEGMENTS -> new PtmallocSegments(Tunables.GLIBC);
            case PTMALLOC4J_SEGMENTS + ON_SERVICE -> new PtmallocSegments(Tunables.service());
            case PTMALLOC4J_BUFFERS -> new PtmallocBuffers(Tunables.GLIBC);
            case PTMALLOC4J_BUFFERS + ON_SERVICE -> new PtmallocBuffers(Tunables.service());
            case ARENA_CONFINED -> new ArenaAllocator(Arena::ofConfined);
            case ARENA_SHARED -> new ArenaAllocator(Arena::ofShared);
            case DIRECT -> new DirectAllocator();
            case NETTY_POOLED -> NettyAllocator.pooled();
            case NETTY_ADAPTIVE -> NettyAllocator.adaptive();
            default -> {
                Optional<NativeLibrary> library = library(name);
                yield library.isPresent() ? library.get().open(name.endsWith(CRITICAL)) : Lifetimes.open(name);
            }
        };
    }

    private static Allocator ours(Tunables tunables) {
        return new PtmallocAllocator(CountedHeap.create(tunables));
    }

    /** Why an allocator cannot be used in this process, in one sentence; empty if it can, or if there is no such name. */
    public static Optional<String> missing(String name) {
        return library(name).flatMap(NativeLibrary::missingForJava);
    }

    /**
     * Whether the name is none that benchmarks list but {@link #open} takes it: ours with other tunables or looking for leaks, its
     * segments and buffers with the settings for services, or a native one by critical downcalls.
     *
     * @throws IllegalArgumentException if the tunables are wrong; the message says which
     */
    public static boolean isVariant(String name) {
        if (name.startsWith(WITH_TUNABLES)) {
            Tunables.parse(name.substring(WITH_TUNABLES.length()));
            return true;
        }
        return name.equals(PTMALLOC4J_LEAKS)
                || name.equals(PTMALLOC4J_SEGMENTS + ON_SERVICE)
                || name.equals(PTMALLOC4J_BUFFERS + ON_SERVICE)
                || name.endsWith(CRITICAL) && library(name).isPresent();
    }

    private static Optional<NativeLibrary> library(String name) {
        String base = name.endsWith(CRITICAL) ? name.substring(0, name.length() - CRITICAL.length()) : name;
        for (NativeLibrary library : NativeLibrary.values()) {
            if (library.name().toLowerCase(Locale.ROOT).equals(base)) {
                return Optional.of(library);
            }
        }
        return Optional.empty();
    }
}
