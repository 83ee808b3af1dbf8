package io.github.ptmalloc4j.benchmarks.prof;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/** The kernel's count of the system calls of a thread and of those it starts, by perf_event_open(2). */
@SuppressWarnings("restricted")
final class SystemCallCounter {
    private static final Path TRACEPOINT = Path.of("/sys/kernel/tracing/events/raw_syscalls/sys_enter/id");
    private static final long PERF_EVENT_OPEN = 298;
    private static final long PERF_FLAG_FD_CLOEXEC = 8;
    private static final int PERF_TYPE_TRACEPOINT = 2;
    /** Of struct perf_event_attr in its first version. */
    private static final int ATTR_SIZE = 64;

    private static final long ATTR_CONFIG = 8;
    private static final long ATTR_FLAGS = 40;
    /** Threads that are started later count too. */
    private static final long INHERIT = 2;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle SYSCALL = LINKER.downcallHandle(
            LINKER.defaultLookup().find("syscall").orElseThrow(),
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG),
            Linker.Option.firstVariadicArg(1));
    private static final MethodHandle READ = LINKER.downcallHandle(
            LINKER.defaultLookup().find("read").orElseThrow(),
            FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));

    private final int descriptor;
    private final String why;
    private final MemorySegment buffer = Arena.global().allocate(JAVA_LONG);

    private SystemCallCounter(int descriptor, String why) {
        this.descriptor = descriptor;
        this.why = why;
    }

    /** Counts from now on, if the kernel allows it. Lives as long as the process. */
    static SystemCallCounter open() {
        long id;
        try {
            id = Long.parseLong(Files.readString(TRACEPOINT).strip());
        } catch (IOException e) {
            return new SystemCallCounter(-1, TRACEPOINT + " cannot be read");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = arena.allocate(ATTR_SIZE, 8);
            attr.set(JAVA_INT, 0, PERF_TYPE_TRACEPOINT);
            attr.set(JAVA_INT, 4, ATTR_SIZE);
            attr.set(JAVA_LONG, ATTR_CONFIG, id);
            attr.set(JAVA_LONG, ATTR_FLAGS, INHERIT);
            long fd = (long) SYSCALL.invokeExact(PERF_EVENT_OPEN, attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
            return new SystemCallCounter(
                    (int) fd, fd < 0 ? "perf_event_open is not allowed; see /proc/sys/kernel/perf_event_paranoid" : "");
        } catch (Throwable t) {
            throw new AssertionError("a downcall throws nothing", t);
        }
    }

    boolean works() {
        return descriptor >= 0;
    }

    /** Why it does not. */
    String why() {
        return why;
    }

    /** Calls so far; 0 if it does not work. */
    long count() {
        if (!works()) {
            return 0;
        }
        try {
            long read = (long) READ.invokeExact(descriptor, buffer, JAVA_LONG.byteSize());
            return read == JAVA_LONG.byteSize() ? buffer.get(JAVA_LONG, 0) : 0;
        } catch (Throwable t) {
            throw new AssertionError("a downcall throws nothing", t);
        }
    }
}
