package io.github.ptmalloc4j.lab.compare;

import static java.lang.foreign.ValueLayout.ADDRESS;

import io.netty.util.Version;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Which version of an allocator is compared. */
@SuppressWarnings("restricted")
final class Versions {
    private static final int LONGEST = 64;

    private Versions() {}

    /** The version in the allocator's own form, or the file of its library; nothing where it is not known. */
    static Optional<String> of(Allocator allocator) {
        return switch (allocator) {
            case PTMALLOC4J, SERVICE, SEGMENTS -> Optional.empty();
            case GLIBC, GLIBC_FFM, GLIBC_FFM_CRITICAL -> Optional.of("glibc " + glibc());
            case ARENA_CONFINED, ARENA_SHARED, DIRECT_BUFFER -> Optional.of("Java " + Runtime.version());
            case NETTY_POOLED, NETTY_ADAPTIVE ->
                Optional.ofNullable(Version.identify().get("netty-buffer"))
                        .map(version -> "Netty " + version.artifactVersion());
            default ->
                allocator.library().find(Comparison.LIBRARY_DIRECTORIES).map(file -> {
                    try {
                        return file.toRealPath().getFileName().toString();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
        };
    }

    /** The C library's, such as 2.36. */
    static String glibc() {
        Linker linker = Linker.nativeLinker();
        try {
            MemorySegment text = (MemorySegment) linker.downcallHandle(
                            linker.defaultLookup().find("gnu_get_libc_version").orElseThrow(),
                            FunctionDescriptor.of(ADDRESS))
                    .invokeExact();
            return text.reinterpret(LONGEST).getString(0);
        } catch (Throwable t) {
            throw new AssertionError("gnu_get_libc_version() threw", t);
        }
    }
}
