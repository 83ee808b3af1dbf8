package io.github.ptmalloc4j.lab.compare;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * Blocks of a native allocator, called through the Foreign Function and Memory API. Which one is settled when the class is
 * loaded, by two system properties: only handles in constants are fast.
 */
@SuppressWarnings("restricted")
final class FfmBlocks extends AddressBlocks {
    /** The library; without it the C library. */
    static final String LIBRARY = "ptmalloc4j.ffm.library";
    /** Whether the calls are made without leaving the state of Java code. */
    static final String CRITICAL = "ptmalloc4j.ffm.critical";

    private static final boolean OF_C_LIBRARY = System.getProperty(LIBRARY) == null;
    private static final SymbolLookup LOOKUP = OF_C_LIBRARY
            ? Linker.nativeLinker().defaultLookup()
            : SymbolLookup.libraryLookup(Path.of(System.getProperty(LIBRARY)), Arena.global());

    private static final MethodHandle MALLOC = handle("malloc", JAVA_LONG, JAVA_LONG);
    private static final MethodHandle CALLOC = handle("calloc", JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle MEMALIGN = handle("memalign", JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle REALLOC = handle("realloc", JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle FREE = handle("free", null, JAVA_LONG);
    private static final MethodHandle TRIM = OF_C_LIBRARY ? handle("malloc_trim", JAVA_INT, JAVA_LONG) : null;
    private static final MethodHandle MALLOPT = OF_C_LIBRARY ? handle("mallopt", JAVA_INT, JAVA_INT, JAVA_INT) : null;

    FfmBlocks(int slots) {
        super(slots);
    }

    /** A handle that takes and gives addresses as numbers. */
    private static MethodHandle handle(String name, MemoryLayout result, MemoryLayout... arguments) {
        FunctionDescriptor descriptor =
                result == null ? FunctionDescriptor.ofVoid(arguments) : FunctionDescriptor.of(result, arguments);
        Linker.Option[] options = Boolean.getBoolean(CRITICAL)
                ? new Linker.Option[] {Linker.Option.critical(false)}
                : new Linker.Option[0];
        return Linker.nativeLinker().downcallHandle(LOOKUP.find(name).orElseThrow(), descriptor, options);
    }

    @Override
    long malloc(long bytes) {
        try {
            return (long) MALLOC.invokeExact(bytes);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    long calloc(long count, long bytes) {
        try {
            return (long) CALLOC.invokeExact(count, bytes);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    long memalign(long alignment, long bytes) {
        try {
            return (long) MEMALIGN.invokeExact(alignment, bytes);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    long realloc(long mem, long bytes) {
        try {
            return (long) REALLOC.invokeExact(mem, bytes);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    void free(long mem) {
        try {
            FREE.invokeExact(mem);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    void trim(long pad) {
        if (TRIM != null) {
            try {
                int released = (int) TRIM.invokeExact(pad);
            } catch (Throwable t) {
                throw unexpected(t);
            }
        }
    }

    @Override
    void mallopt(int parameter, int value) {
        if (MALLOPT != null) {
            try {
                int done = (int) MALLOPT.invokeExact(parameter, value);
            } catch (Throwable t) {
                throw unexpected(t);
            }
        }
    }

    private static AssertionError unexpected(Throwable t) {
        return new AssertionError("a call into a native library threw", t);
    }
}
