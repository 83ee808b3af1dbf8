package io.github.ptmalloc4j.lab.compare;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The allocators that a trace can be replayed on. */
enum Allocator {
    PTMALLOC4J("ptmalloc4j", Runner.JVM, null, "this project's heap with glibc's settings, or those of --tunables"),
    SERVICE("ptmalloc4j-service", Runner.JVM, null, "this project's heap with its settings for services"),
    SEGMENTS("ptmalloc4j-segments", Runner.JVM, null, "this project's heap as segments, with glibc's settings"),
    GLIBC_FFM("glibc-ffm", Runner.JVM, null, "the C library from Java: plain downcalls"),
    GLIBC_FFM_CRITICAL("glibc-ffm-critical", Runner.JVM, null, "the C library from Java: critical downcalls"),
    JEMALLOC_FFM("jemalloc-ffm", Runner.JVM, NativeLibrary.JEMALLOC, "jemalloc from Java: critical downcalls"),
    MIMALLOC_FFM("mimalloc-ffm", Runner.JVM, NativeLibrary.MIMALLOC, "mimalloc from Java: critical downcalls"),
    TCMALLOC_FFM("tcmalloc-ffm", Runner.JVM, NativeLibrary.TCMALLOC, "tcmalloc from Java: critical downcalls"),
    ARENA_CONFINED("arena-confined", Runner.JVM, null, "Arena.ofConfined(), one for each block"),
    ARENA_SHARED("arena-shared", Runner.JVM, null, "Arena.ofShared(), one for each block"),
    DIRECT_BUFFER("direct-buffer", Runner.JVM, null, "ByteBuffer.allocateDirect, given back by the collector"),
    NETTY_POOLED("netty-pooled", Runner.JVM, null, "Netty's PooledByteBufAllocator"),
    NETTY_ADAPTIVE("netty-adaptive", Runner.JVM, null, "Netty's AdaptiveByteBufAllocator"),
    GLIBC("glibc", Runner.C, null, "the C library from C"),
    JEMALLOC("jemalloc", Runner.C, NativeLibrary.JEMALLOC, "jemalloc from C, by LD_PRELOAD"),
    MIMALLOC("mimalloc", Runner.C, NativeLibrary.MIMALLOC, "mimalloc from C, by LD_PRELOAD"),
    TCMALLOC("tcmalloc", Runner.C, NativeLibrary.TCMALLOC, "gperftools' tcmalloc from C, by LD_PRELOAD");

    /** Who replays. */
    enum Runner {
        /** {@link ReplayProcess}. */
        JVM,
        /** {@code replayer.c}. */
        C
    }

    /** Shared libraries that a system may lack. */
    enum NativeLibrary {
        JEMALLOC("libjemalloc2", "libjemalloc.so.2"),
        MIMALLOC("libmimalloc2.0", "libmimalloc.so.2", "libmimalloc.so.3", "libmimalloc.so"),
        TCMALLOC("libtcmalloc-minimal4", "libtcmalloc_minimal.so.4", "libtcmalloc.so.4");

        private final String debianPackage;
        private final List<String> files;

        NativeLibrary(String debianPackage, String... files) {
            this.debianPackage = debianPackage;
            this.files = List.of(files);
        }

        /** The package of Debian that has it. */
        String debianPackage() {
            return debianPackage;
        }

        /** The first of its files that one of the directories has. */
        Optional<Path> find(List<Path> directories) {
            return files.stream()
                    .flatMap(file -> directories.stream().map(directory -> directory.resolve(file)))
                    .filter(Files::exists)
                    .findFirst();
        }
    }

    private final String label;
    private final Runner runner;
    private final NativeLibrary library;
    private final String description;

    Allocator(String label, Runner runner, NativeLibrary library, String description) {
        this.label = label;
        this.runner = runner;
        this.library = library;
        this.description = description;
    }

    /** The name on the command line and in tables. */
    String label() {
        return label;
    }

    /** In a few words, what it is. */
    String description() {
        return description;
    }

    Runner runner() {
        return runner;
    }

    /** The library that it needs beyond the C library, or null. */
    NativeLibrary library() {
        return library;
    }

    /** Whether it is a heap of this project. */
    boolean isOurs() {
        return this == PTMALLOC4J || this == SERVICE || this == SEGMENTS;
    }

    /** Whether timed passes after the first find the memory that the passes before have left. */
    boolean keepsHeap() {
        return runner == Runner.JVM && !isOurs();
    }

    /** Whether a block can be given back by another thread than the one that got it. */
    boolean handsOver() {
        return this != ARENA_CONFINED;
    }

    static Optional<Allocator> named(String label) {
        return List.of(values()).stream().filter(a -> a.label.equals(label)).findFirst();
    }
}
