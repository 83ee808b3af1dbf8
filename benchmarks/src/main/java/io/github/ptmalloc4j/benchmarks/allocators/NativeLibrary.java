package io.github.ptmalloc4j.benchmarks.allocators;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A malloc written in C, in a shared library of its own. */
public enum NativeLibrary {
    /** What the process has anyway. */
    LIBC("libc.so.6", "libc6", ""),
    /** Its thread-local variables need room that the loader keeps only if it was told to before the process began. */
    JEMALLOC("libjemalloc.so.2", "libjemalloc2", ""),
    /** mimalloc. */
    MIMALLOC("libmimalloc.so.2", "libmimalloc2.0", "mi_"),
    /** The one of gperftools. */
    TCMALLOC("libtcmalloc_minimal.so.4", "libtcmalloc-minimal4", "tc_");

    /** What the environment must contain when a JVM starts that is to load any of them. */
    public static final String ENVIRONMENT = "GLIBC_TUNABLES=glibc.rtld.optional_static_tls=16384";

    private static final List<Path> DIRECTORIES = List.of(
            Path.of("/usr/lib/x86_64-linux-gnu"),
            Path.of("/lib/x86_64-linux-gnu"),
            Path.of("/usr/lib64"),
            Path.of("/usr/local/lib"),
            Path.of("/usr/lib"));

    private final String soname;
    private final String debianPackage;
    private final String prefix;

    NativeLibrary(String soname, String debianPackage, String prefix) {
        this.soname = soname;
        this.debianPackage = debianPackage;
        this.prefix = prefix;
    }

    /** What to put into LD_PRELOAD; empty if the library is not installed. */
    public Optional<Path> file() {
        return DIRECTORIES.stream()
                .map(directory -> directory.resolve(soname))
                .filter(Files::exists)
                .findFirst();
    }

    /** Why it cannot be used from C, in one sentence; empty if it can. */
    public Optional<String> missing() {
        return file().isPresent() ? Optional.empty() : Optional.of("not installed: apt-get install " + debianPackage);
    }

    /** Why it cannot be used from Java, in one sentence; empty if it can. */
    Optional<String> missingForJava() {
        return missing().or(() -> {
            try {
                lookup();
                return Optional.empty();
            } catch (IllegalArgumentException e) {
                return Optional.of("cannot be loaded: start the JVM with " + ENVIRONMENT + " in the environment");
            }
        });
    }

    @SuppressWarnings("restricted")
    private SymbolLookup lookup() {
        return SymbolLookup.libraryLookup(file().orElseThrow(), Arena.global());
    }

    /** Where a function of malloc.h is in memory. */
    long address(String name) {
        return lookup().find(prefix + name).orElseThrow().address();
    }

    /**
     * Binds the library.
     *
     * @param critical without the transition of the thread's state: cheaper, and a garbage collection waits meanwhile
     */
    Allocator open(boolean critical) {
        SymbolLookup library = lookup();
        Linker.Option[] options = critical ? new Linker.Option[] {Linker.Option.critical(false)} : new Linker.Option[0];
        MethodHandle[] calls = {
            call(library, "malloc", true, 1, options),
            call(library, "calloc", true, 2, options),
            call(library, "memalign", true, 2, options),
            call(library, "realloc", true, 2, options),
            call(library, "free", false, 1, options)
        };
        // A class of its own for each library: the handles are its constants, and the JIT compiles them into the loops.
        try (InputStream bytes = NativeLibrary.class.getResourceAsStream("NativeMalloc.class")) {
            return (Allocator) MethodHandles.lookup()
                    .defineHiddenClassWithClassData(bytes.readAllBytes(), List.of(calls), true)
                    .lookupClass()
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("a class of this package has a constructor", e);
        }
    }

    @SuppressWarnings("restricted")
    private MethodHandle call(SymbolLookup library, String name, boolean returns, int longs, Linker.Option[] options) {
        MemoryLayout[] arguments = new MemoryLayout[longs];
        Arrays.fill(arguments, JAVA_LONG);
        FunctionDescriptor type =
                returns ? FunctionDescriptor.of(JAVA_LONG, arguments) : FunctionDescriptor.ofVoid(arguments);
        return Linker.nativeLinker().downcallHandle(library.find(prefix + name).orElseThrow(), type, options);
    }
}
