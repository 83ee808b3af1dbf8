package io.github.ptmalloc4j.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;

/**
 * The system calls, through the Foreign Function &amp; Memory API and the C library's syscall(2).
 *
 * <p>Each call captures errno right behind it. None is a critical call, {@link #cpu} apart: they may take long, and a
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

    /** One handle for all calls: to link one takes a JVM that has just started a hundredth of a second. */
    private static final MethodHandle SYSCALL = link(
            "syscall",
            FunctionDescriptor.of(
                    JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            Linker.Option.captureCallState("errno"),
            Linker.Option.firstVariadicArg(1));

    private static final MethodHandle SCHED_GETCPU =
            link("sched_getcpu", FunctionDescriptor.of(JAVA_INT), Linker.Option.critical(false));

    /** The numbers of the calls on x86-64. */
    private static final long CLOSE = 3;

    private static final long MMAP = 9;
    private static final long MPROTECT = 10;
    private static final long MUNMAP = 11;
    private static final long MREMAP = 25;
    private static final long MADVISE = 28;
    private static final long FTRUNCATE = 77;
    private static final long GETRUSAGE = 98;
    private static final long PRCTL = 157;
    private static final long GETRANDOM = 318;
    private static final long MEMFD_CREATE = 319;

    /** The C library keeps account of the break, so it must be asked to move it; linked where a heap is on the break. */
    private static final class ProgramBreakCall {
        private static final MethodHandle SBRK =
                link("sbrk", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG), Linker.Option.captureCallState("errno"));
    }

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
        long result = syscall(scratch, MMAP, address, length, protection, flags, fd, 0);
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
        long result = syscall(scratch, MUNMAP, address, length, 0);
        if (result == 0 || outOfMemory(errno(scratch))) {
            return result == 0;
        }
        throw new OsFailure("munmap(0x%x, %d)".formatted(address, length), errno(scratch));
    }

    @Override
    public long mremap(long address, long oldLength, long newLength) {
        MemorySegment scratch = SCRATCH.get();
        long result = syscall(scratch, MREMAP, address, oldLength, newLength, MREMAP_MAYMOVE, 0, 0);
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
        long result = syscall(scratch, MPROTECT, address, length, protection);
        if (result == 0 || outOfMemory(errno(scratch))) {
            return result == 0;
        }
        throw new OsFailure("mprotect(0x%x, %d, %d)".formatted(address, length, protection), errno(scratch));
    }

    @Override
    public boolean madvise(long address, long length, int advice) {
        return syscall(SCRATCH.get(), MADVISE, address, length, advice) == 0;
    }

    @Override
    public long sbrk(long increment) {
        MemorySegment scratch = SCRATCH.get();
        long result;
        try {
            result = (long) ProgramBreakCall.SBRK.invokeExact(scratch, increment);
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
        if (syscall(scratch, GETRANDOM, scratch.address() + 16, 8, 0) != 8) {
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
        if (syscall(scratch, GETRUSAGE, who, scratch.address() + 16, 0) != 0) {
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
        try (Arena arena = Arena.ofConfined()) {
            fd = (int) syscall(scratch, MEMFD_CREATE, arena.allocateFrom(name).address(), 0, 0);
        }
        long result = fd < 0 ? fd : syscall(scratch, FTRUNCATE, fd, length, 0);
        if (result < 0) {
            throw new OsFailure("memfd_create(%s), ftruncate(%d)".formatted(name, length), errno(scratch));
        }
        return fd;
    }

    /** Closes a descriptor. */
    public void close(int fd) {
        MemorySegment scratch = SCRATCH.get();
        if (syscall(scratch, CLOSE, fd, 0, 0) != 0) {
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
        return syscall(SCRATCH.get(), PRCTL, PR_SET_THP_DISABLE, allowed ? 0 : 1, 0) == 0;
    }

    private static boolean outOfMemory(int errno) {
        return errno == ENOMEM || errno == EAGAIN;
    }

    private static int errno(MemorySegment scratch) {
        return scratch.get(JAVA_INT, ERRNO);
    }

    static AssertionError unexpected(Throwable t) {
        return new AssertionError("a downcall handle threw", t);
    }

    /** syscall(2): −1 and errno in the scratch if the call fails. */
    private static long syscall(MemorySegment scratch, long number, long a, long b, long c, long d, long e, long f) {
        try {
            return (long) SYSCALL.invokeExact(scratch, number, a, b, c, d, e, f);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    private static long syscall(MemorySegment scratch, long number, long a, long b, long c) {
        return syscall(scratch, number, a, b, c, 0, 0, 0);
    }

    /** A handle on a C function; one that captures errno takes as its first argument where to. */
    @SuppressWarnings("restricted")
    static MethodHandle link(String name, FunctionDescriptor function, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), function, options);
    }
}
