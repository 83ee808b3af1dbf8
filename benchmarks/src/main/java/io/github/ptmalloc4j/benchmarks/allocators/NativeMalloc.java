package io.github.ptmalloc4j.benchmarks.allocators;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.List;

/** Calls one library. Only ever loaded as a hidden class, whose data are the calls, by {@link NativeLibrary#open}. */
final class NativeMalloc extends AddressAllocator {
    private static final MethodHandle MALLOC = call(0);
    private static final MethodHandle CALLOC = call(1);
    private static final MethodHandle MEMALIGN = call(2);
    private static final MethodHandle REALLOC = call(3);
    private static final MethodHandle FREE = call(4);

    NativeMalloc() {}

    private static MethodHandle call(int index) {
        try {
            List<?> calls = MethodHandles.classData(MethodHandles.lookup(), "_", List.class);
            return (MethodHandle) calls.get(index);
        } catch (IllegalAccessException e) {
            throw new AssertionError("a class may read its own data", e);
        }
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
    long calloc(long bytes) {
        try {
            return (long) CALLOC.invokeExact(1L, bytes);
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

    private static AssertionError unexpected(Throwable t) {
        return new AssertionError("a downcall throws nothing", t);
    }

    @Override
    public void close() {}
}
