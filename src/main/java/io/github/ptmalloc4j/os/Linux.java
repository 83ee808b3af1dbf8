package io.github.ptmalloc4j.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The system calls, bound through the Foreign Function &amp; Memory API to the C library's wrappers.
 *
 * <p>Each call captures errno right behind the wrapper. None is a critical call, {@link #cpu} apart: they may take long, and a
 * thread in one must not hold up a safepoint. The calls beyond {@link Os} are witnesses and exhibits for the verifier.
 */
public final class Linux implements Os {
    /** The one instance: the kernel that this process runs on. */
    public static final Linux KERNEL = new Linux();

    private static final int EAGAIN = 11;
    private static final int ENOMEM = 12;
    private static final int EFAULT = 14;
    private static final int EINVAL = 22;
    private static final int MREMAP_MAYMOVE = 1;
    /** Bytes that a process can address on x86-64: 2^47. */
    private static final long USER_ADDRESSES = 1L << 47;

    private static final int RUSAGE_SELF = 0;
    private static final int RUSAGE_THREAD = 1;
    private static final int PR_SET_THP_DISABLE = 41;
    /** Size of struct rusage, and where ru_minflt lies in it. */
    private static final long RUSAGE_SIZE = 144;

    private static final long RU_MINFLT = 64;

    private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final long ERRNO = CAPTURE.byteOffset(StructLayout.PathElement.groupElement("errno"));

    private static final MethodHandle MMAP = call("mmap", 'p', "plii" + "il");
    private static final MethodHandle MUNMAP = call("munmap", 'i', "pl");
    private static final MethodHandle MREMAP = call("mremap", 'p', "pll" + "i");
    private static final MethodHandle MPROTECT = call("mprotect", 'i', "pli");
    private static final MethodHandle MADVISE = call("madvise", 'i', "pli");
    private static final MethodHandle SBRK = call("sbrk", 'p', "l");
    private static final MethodHandle GETRANDOM = call("getrandom", 'l', "pli");
    private static final MethodHandle SCHED_GETCPU = critical("sched_getcpu");
    private static final MethodHandle GETRUSAGE = call("getrusage", 'i', "ip");
    private static final MethodHandle MEMFD_CREATE = call("memfd_create", 'i', "pi");
    private static final MethodHandle FTRUNCATE = call("ftruncate", 'i', "il");
    private static final MethodHandle CLOSE = call("close", 'i', "i");
    private static final MethodHandle PRCTL = call("prctl", 'i', "illll");

    /** Where a thread's calls leave errno, and a scratch structure behind it. */
    private static final ThreadLocal<MemorySegment> SCRATCH =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(16 + RUSAGE_SIZE, 16));

    static {
        // A handle's first call initialises classes, and virtual threads that wait for that together pin their
        // carriers.
        KERNEL.cpu();
        KERNEL.mprotect(0, 0, PROT_NONE);
    }

    private Linux() {}

    @Override
    public long mmap(long address, long length, int protection, int flags) {
        return mmap(address, length, protection, flags | MAP_PRIVATE | MAP_ANONYMOUS, -1);
    }

    /**
     * mmap(2) with a file.
     *
     * @param flags all {@code MAP_} bits, nothing is added
     * @param fd the file, mapped from its start; −1 for none
     * @return the address, or {@link #MAP_FAILED} where there is no memory or address space
     */
    public long mmap(long address, long length, int protection, int flags, int fd) {
        MemorySegment scratch = SCRATCH.get();
        long result;
        try {
            result = (long) MMAP.invokeExact(scratch, address, length, protection, flags, fd, 0L);
        } catch (Throwable t) {
            throw unexpected(t);
        }
        if (result != MAP_FAILED) {
            return result;
        }
        int errno = errno(scratch);
        // A huge page size that the kernel does not have is EINVAL: to an allocator no more than a lack of memory.
        if (outOfMemory(errno) || (flags & MAP_HUGETLB) != 0 && errno == EINVAL) {
            return MAP_FAILED;
        }
        throw new OsFailure("mmap(0x%x, %d, %d, 0x%x, %d)".formatted(address, length, protection, flags, fd), errno);
    }

    @Override
    public boolean munmap(long address, long length) {
        MemorySegment scratch = SCRATCH.get();
        int result;
        try {
            result = (int) MUNMAP.invokeExact(scratch, address, length);
        } catch (Throwable t) {
            throw unexpected(t);
        }
        if (result == 0 || outOfMemory(errno(scratch))) {
            return result == 0;
        }
        throw new OsFailure("munmap(0x%x, %d)".formatted(address, length), errno(scratch));
    }

    @Override
    public long mremap(long address, long oldLength, long newLength) {
        MemorySegment scratch = SCRATCH.get();
        long result;
        try {
            result = (long) MREMAP.invokeExact(scratch, address, oldLength, newLength, MREMAP_MAYMOVE);
        } catch (Throwable t) {
            throw unexpected(t);
        }
        if (result != MAP_FAILED) {
            return result;
        }
        // EFAULT: somebody has split the mapping. A length beyond all addresses: newer kernels answer EINVAL.
        int errno = errno(scratch);
        if (outOfMemory(errno) || errno == EFAULT || newLength >= USER_ADDRESSES) {
            return MAP_FAILED;
        }
        throw new OsFailure("mremap(0x%x, %d, %d)".formatted(address, oldLength, newLength), errno);
    }

    @Override
    public boolean mprotect(long address, long length, int protection) {
        MemorySegment scratch = SCRATCH.get();
        int result;
        try {
            result = (int) MPROTECT.invokeExact(scratch, address, length, protection);
        } catch (Throwable t) {
            throw unexpected(t);
        }
        if (result == 0 || outOfMemory(errno(scratch))) {
            return result == 0;
        }
        throw new OsFailure("mprotect(0x%x, %d, %d)".formatted(address, length, protection), errno(scratch));
    }

    @Override
    public boolean madvise(long address, long length, int advice) {
        try {
            return (int) MADVISE.invokeExact(SCRATCH.get(), address, length, advice) == 0;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public long sbrk(long increment) {
        MemorySegment scratch = SCRATCH.get();
        long result;
        try {
            result = (long) SBRK.invokeExact(scratch, increment);
        } catch (Throwable t) {
            throw unexpected(t);
        }
        if (result != MAP_FAILED || outOfMemory(errno(scratch))) {
            return result;
        }
        throw new OsFailure("sbrk(%d)".formatted(increment), errno(scratch));
    }

    @Override
    public long random() {
        MemorySegment scratch = SCRATCH.get();
        long got;
        try {
            got = (long) GETRANDOM.invokeExact(scratch, scratch.address() + 16, 8L, 0);
        } catch (Throwable t) {
            throw unexpected(t);
        }
        if (got != 8) {
            throw new OsFailure("getrandom(8)", errno(scratch));
        }
        return scratch.get(JAVA_LONG, 16);
    }

    /** Minor page faults of the calling thread so far, as {@code getrusage(RUSAGE_THREAD)} counts them. */
    public long minorFaultsOfThread() {
        return minorFaults(RUSAGE_THREAD);
    }

    /** Minor page faults of all threads of the process so far, as {@code getrusage(RUSAGE_SELF)} counts them. */
    public long minorFaultsOfProcess() {
        return minorFaults(RUSAGE_SELF);
    }

    private static long minorFaults(int who) {
        MemorySegment scratch = SCRATCH.get();
        int result;
        try {
            result = (int) GETRUSAGE.invokeExact(scratch, who, scratch.address() + 16);
        } catch (Throwable t) {
            throw unexpected(t);
        }
        if (result != 0) {
            throw new OsFailure("getrusage(%d)".formatted(who), errno(scratch));
        }
        return scratch.get(JAVA_LONG, 16 + RU_MINFLT);
    }

    /**
     * A file that lives in memory only, of {@code length} zero bytes.
     *
     * @return its descriptor, for {@link #mmap(long, long, int, int, int)} and {@link #close}
     */
    public int memfd(String name, long length) {
        MemorySegment scratch = SCRATCH.get();
        int fd;
        int result;
        try (Arena arena = Arena.ofConfined()) {
            fd = (int)
                    MEMFD_CREATE.invokeExact(scratch, arena.allocateFrom(name).address(), 0);
            result = fd < 0 ? fd : (int) FTRUNCATE.invokeExact(scratch, fd, length);
        } catch (Throwable t) {
            throw unexpected(t);
        }
        if (result < 0) {
            throw new OsFailure("memfd_create(%s), ftruncate(%d)".formatted(name, length), errno(scratch));
        }
        return fd;
    }

    /** Closes a descriptor. */
    public void close(int fd) {
        MemorySegment scratch = SCRATCH.get();
        int result;
        try {
            result = (int) CLOSE.invokeExact(scratch, fd);
        } catch (Throwable t) {
            throw unexpected(t);
        }
        if (result != 0) {
            throw new OsFailure("close(%d)".formatted(fd), errno(scratch));
        }
    }

    /** The number of the CPU that the calling thread runs on at this moment. */
    public int cpu() {
        try {
            return (int) SCHED_GETCPU.invokeExact();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /**
     * Allows or forbids transparent huge pages in all of this process, whatever the system's setting and madvise say.
     *
     * @return whether the kernel took it
     */
    public boolean allowTransparentHugePages(boolean allowed) {
        try {
            return (int) PRCTL.invokeExact(SCRATCH.get(), PR_SET_THP_DISABLE, allowed ? 0L : 1L, 0L, 0L, 0L) == 0;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    private static boolean outOfMemory(int errno) {
        return errno == ENOMEM || errno == EAGAIN;
    }

    private static int errno(MemorySegment scratch) {
        return scratch.get(JAVA_INT, ERRNO);
    }

    private static AssertionError unexpected(Throwable t) {
        return new AssertionError("a downcall handle threw", t);
    }

    /**
     * A handle on a C function that captures errno into its first argument.
     *
     * @param types one letter a parameter: {@code i} int, {@code l} long, {@code p} a pointer passed as a long
     */
    @SuppressWarnings("restricted")
    private static MethodHandle call(String name, char result, String types) {
        ValueLayout[] parameters = types.chars().mapToObj(c -> layout((char) c)).toArray(ValueLayout[]::new);
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().find(name).orElseThrow(),
                FunctionDescriptor.of(layout(result), parameters),
                Linker.Option.captureCallState("errno"));
    }

    /** A handle on a C function that takes nothing, returns an int at once and does not set errno. */
    @SuppressWarnings("restricted")
    private static MethodHandle critical(String name) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().find(name).orElseThrow(),
                FunctionDescriptor.of(JAVA_INT),
                Linker.Option.critical(false));
    }

    private static ValueLayout layout(char type) {
        return type == 'i' ? JAVA_INT : JAVA_LONG;
    }
}
