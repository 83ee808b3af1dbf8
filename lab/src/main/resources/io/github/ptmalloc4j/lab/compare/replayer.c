/*
 * Replays a trace on the malloc that this process has: the C library's, or what LD_PRELOAD puts in its place. And counts,
 * by ptrace, what any replay asks of the kernel.
 *
 *   replayer time IMAGE PASSES NANOS     passes that make the calls and touch nothing, each in a fresh process
 *   replayer memory IMAGE                one pass that writes every byte asked for, and samples what it costs
 *   replayer count FILE COMMAND ...      runs COMMAND, a memory pass in C or Java, and writes its system calls to FILE
 *
 * The image is made by TraceImage.java, which says how it is laid out. All of it lies in memory before the clock starts, and
 * nothing here calls malloc but the trace: what the replayer itself needs are shared mappings, which count does not count.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/ptrace.h>

#define MAGIC 0x31454341525450ull /* "PTRACE1" */
#define PAGE 4096
#define STACK_BYTES (256 << 10)
#define SPINS_BEFORE_YIELD 200

/* Descriptors that nobody has: close() of one of them tells the tracer where the replay is. Measurement.java has them too. */
#define BEGIN_IN_JVM 0x70000000u
#define BEGIN_IN_C 0x70000001u
#define END 0x70000002u
#define SAMPLE 0x70000100u

/* Op.java's order. */
enum { MALLOC, FREE, REALLOC, WRITE, CALLOC, MEMALIGN, ALIGNED_ALLOC, POSIX_MEMALIGN, VALLOC, PVALLOC, TRIM, MALLOPT };
enum { WAIT = 1, PUBLISH = 2, TAKE_SAMPLE = 4 };

struct header {
    uint64_t magic, operations, slots, threads, samples, waits;
};

struct thread {
    uint64_t operations, first_operation, first_wait, first_sample;
};

struct operation {
    uint8_t code, flags;
    uint16_t wait_for;
    int32_t slot;
    uint64_t bytes, argument;
};

struct sample {
    uint64_t resident_bytes, faults;
};

static const struct header *header;
static const struct thread *threads;
static const struct operation *operations;
static const uint32_t *waits, *sample_numbers;

static char **address;
static uint64_t *size;
static struct sample *samples;
static struct progress {
    _Alignas(64) _Atomic uint64_t made;
    uint64_t end_nanos;
    uint64_t cpu_nanos;
    uint64_t refused;
} *progress;
static pthread_barrier_t *barrier;
static int rollup;
static uint64_t faults_before, resident_before;
static bool is_memory_pass, has_trim, has_mallopt, has_pvalloc;

static void die(const char *what)
{
    dprintf(2, "replayer: %s: %s\n", what, strerror(errno));
    _exit(2);
}

static void *shared(size_t bytes)
{
    void *mem = mmap(NULL, bytes ? bytes : 1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (mem == MAP_FAILED)
        die("no memory for the replayer itself");
    return mem;
}

/* Whether a function comes from the same library as malloc: of another one it would know nothing of malloc's blocks. */
static bool is_of_this_malloc(const char *name)
{
    Dl_info ours, its;
    void *function = dlsym(RTLD_DEFAULT, name);
    return function && dladdr(dlsym(RTLD_DEFAULT, "malloc"), &ours) && dladdr(function, &its)
            && ours.dli_fbase == its.dli_fbase;
}

static void load(const char *file)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status))
        die(file);
    const char *image = mmap(NULL, status.st_size, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
    if (image == MAP_FAILED)
        die(file);
    close(fd);
    header = (const void *)image;
    if (header->magic != MAGIC) {
        errno = EINVAL;
        die(file);
    }
    threads = (const void *)(header + 1);
    operations = (const void *)(threads + header->threads);
    waits = (const void *)(operations + header->operations);
    sample_numbers = waits + header->waits;
    address = shared(header->slots * sizeof *address);
    size = shared(header->slots * sizeof *size);
    samples = shared(header->samples * sizeof *samples);
    progress = shared(header->threads * sizeof *progress);
    barrier = shared(sizeof *barrier);
    has_trim = is_of_this_malloc("malloc_trim");
    has_mallopt = is_of_this_malloc("mallopt");
    has_pvalloc = is_of_this_malloc("pvalloc");
}

static uint64_t nanos(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * 1000000000ull + now.tv_nsec;
}

static uint64_t faults(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
}

/* What of this process's own memory is in RAM, in bytes. statm would do, but newer kernels keep it only roughly. */
static uint64_t resident(void)
{
    char text[2048];
    ssize_t length = pread(rollup, text, sizeof text - 1, 0);
    if (length <= 0)
        die("/proc/self/smaps_rollup");
    text[length] = 0;
    const char *line = strstr(text, "\nAnonymous:");
    return line ? strtoull(line + 11, NULL, 10) << 10 : 0;
}

static void mark(unsigned where)
{
    syscall(SYS_close, where);
}

static void take_sample(uint32_t number)
{
    mark(SAMPLE + number);
    samples[number].faults = faults() - faults_before;
    uint64_t now = resident();
    samples[number].resident_bytes = now > resident_before ? now - resident_before : 0;
}

static void await(unsigned thread, uint32_t made)
{
    for (unsigned spins = 0; atomic_load_explicit(&progress[thread].made, memory_order_acquire) < made; spins++) {
        if (spins >= SPINS_BEFORE_YIELD)
            sched_yield();
        else
            __builtin_ia32_pause();
    }
}

static char pattern(int32_t slot)
{
    return (char)(slot * 0x9d + 1);
}

/* Two bytes tell whether the block still holds what was written into it. */
static void require(bool kept, unsigned thread, uint64_t i)
{
    if (!kept) {
        dprintf(2, "replayer: operation %llu of thread %u: the block lost its contents\n", (unsigned long long)i + 1, thread);
        _exit(1);
    }
}

static bool kept(int32_t slot, uint64_t bytes)
{
    return bytes == 0 || (address[slot][0] == pattern(slot) && address[slot][bytes - 1] == pattern(slot));
}

static void *allocate(const struct operation *o)
{
    void *mem = NULL;
    switch (o->code) {
    case MALLOC:
        return malloc(o->bytes);
    case CALLOC:
        return calloc(o->argument, o->bytes);
    case MEMALIGN:
        return memalign(o->argument, o->bytes);
    case ALIGNED_ALLOC:
        return aligned_alloc(o->argument, o->bytes);
    case POSIX_MEMALIGN:
        return posix_memalign(&mem, o->argument, o->bytes) ? NULL : mem;
    case VALLOC:
        return memalign(PAGE, o->bytes);
    default:
        return has_pvalloc ? pvalloc(o->bytes) : memalign(PAGE, (o->bytes + PAGE - 1) & -(uint64_t)PAGE);
    }
}

static void settle(const struct operation *o, uint64_t bytes)
{
    size[o->slot] = bytes;
    memset(address[o->slot], pattern(o->slot), bytes);
}

static inline __attribute__((always_inline)) void step(const struct operation *o, unsigned thread, uint64_t i, bool memory)
{
    switch (o->code) {
    case FREE:
        if (o->slot < 0) {
            free(NULL);
            break;
        }
        if (memory && address[o->slot])
            require(kept(o->slot, size[o->slot]), thread, i);
        free(address[o->slot]);
        address[o->slot] = NULL;
        break;
    case REALLOC: {
        char *old = address[o->slot];
        uint64_t before = memory && old ? size[o->slot] : 0;
        if (memory && old)
            require(kept(o->slot, before), thread, i);
        char *mem = realloc(old, o->bytes);
        if (mem || o->bytes == 0) {
            address[o->slot] = mem;
            if (memory && mem) {
                uint64_t both = before < o->bytes ? before : o->bytes;
                require(both == 0 || (mem[0] == pattern(o->slot) && mem[both - 1] == pattern(o->slot)), thread, i);
                settle(o, o->bytes);
            }
        } else if (memory)
            progress[thread].refused++;
        break;
    }
    case WRITE:
        if (memory && address[o->slot])
            memset(address[o->slot], pattern(o->slot), o->bytes < size[o->slot] ? o->bytes : size[o->slot]);
        break;
    case TRIM:
        if (has_trim)
            malloc_trim(o->bytes);
        break;
    case MALLOPT:
        if (has_mallopt)
            mallopt((int)o->argument, (int)o->bytes);
        break;
    default:
        address[o->slot] = allocate(o);
        if (memory) {
            if (address[o->slot])
                settle(o, o->code == CALLOC ? o->argument * o->bytes : o->bytes);
            else
                progress[thread].refused++;
        }
    }
}

static inline __attribute__((always_inline)) void run(unsigned thread, bool memory)
{
    const struct thread *t = &threads[thread];
    const struct operation *o = operations + t->first_operation;
    const uint32_t *wait = waits + t->first_wait, *number = sample_numbers + t->first_sample;
    for (uint64_t i = 0; i < t->operations; i++, o++) {
        if (__builtin_expect(o->flags, 0)) {
            if (o->flags & WAIT)
                await(o->wait_for, *wait++);
            step(o, thread, i, memory);
            if (o->flags & PUBLISH)
                atomic_store_explicit(&progress[thread].made, i + 1, memory_order_release);
            if (memory && o->flags & TAKE_SAMPLE)
                take_sample(*number++);
        } else {
            step(o, thread, i, memory);
        }
    }
}

static void *run_thread(void *number)
{
    unsigned thread = (unsigned)(uintptr_t)number;
    if (header->threads > 1)
        pthread_barrier_wait(barrier);
    if (is_memory_pass) {
        mark(BEGIN_IN_C);
        run(thread, true);
        mark(END);
    } else {
        uint64_t before = nanos(CLOCK_THREAD_CPUTIME_ID);
        run(thread, false);
        progress[thread].cpu_nanos = nanos(CLOCK_THREAD_CPUTIME_ID) - before;
    }
    progress[thread].end_nanos = nanos(CLOCK_MONOTONIC);
    return NULL;
}

/* Runs all threads of the trace, the first one in this thread; returns how long they took, in nanoseconds. */
static uint64_t pass(void)
{
    pthread_t *others = shared(header->threads * sizeof *others);
    if (header->threads > 1)
        pthread_barrier_init(barrier, NULL, header->threads);
    for (uint64_t i = 1; i < header->threads; i++) {
        pthread_attr_t attributes;
        pthread_attr_init(&attributes);
        pthread_attr_setstack(&attributes, shared(STACK_BYTES), STACK_BYTES);
        errno = pthread_create(&others[i], &attributes, run_thread, (void *)(uintptr_t)i);
        if (errno)
            die("a thread of the trace cannot be started");
    }
    faults_before = faults();
    resident_before = is_memory_pass ? resident() : 0;
    uint64_t start = nanos(CLOCK_MONOTONIC), end = start;
    run_thread(NULL);
    for (uint64_t i = 1; i < header->threads; i++)
        pthread_join(others[i], NULL);
    for (uint64_t i = 0; i < header->threads; i++)
        end = progress[i].end_nanos > end ? progress[i].end_nanos : end;
    return end - start;
}

static int time_passes(const char *file, uint64_t at_least, uint64_t limit)
{
    struct {
        uint64_t wall, cpu;
    } *took = shared(sizeof *took);
    uint64_t start = nanos(CLOCK_MONOTONIC);
    for (uint64_t done = 0; done < at_least || nanos(CLOCK_MONOTONIC) - start < limit; done++) {
        pid_t child = fork();
        if (child < 0)
            die("fork");
        if (child == 0) {
            load(file);
            took->wall = pass();
            took->cpu = 0;
            for (uint64_t i = 0; i < header->threads; i++)
                took->cpu += progress[i].cpu_nanos;
            _exit(0);
        }
        int status;
        waitpid(child, &status, 0);
        if (status)
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        dprintf(1, "pass %llu %llu\n", (unsigned long long)took->wall, (unsigned long long)took->cpu);
    }
    return 0;
}

static int memory_pass(const char *file)
{
    is_memory_pass = true;
    rollup = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC);
    if (rollup < 0)
        die("/proc/self/smaps_rollup");
    load(file);
    pass();
    uint64_t all_faults = faults() - faults_before, refused = 0;
    for (uint64_t i = 0; i < header->threads; i++)
        refused += progress[i].refused;
    for (uint64_t i = 0; i < header->samples; i++)
        dprintf(1, "sample %llu %llu %llu\n", (unsigned long long)i, (unsigned long long)samples[i].resident_bytes,
                (unsigned long long)samples[i].faults);
    dprintf(1, "faults %llu\nrefused %llu\n", (unsigned long long)all_faults, (unsigned long long)refused);
    return 0;
}

/* ---- count ---- */

struct range {
    uint64_t from, to;
};

/* The memory of the program that malloc can use: private, anonymous, writable; in order, apart from one another. */
static struct range *ranges;
static size_t range_count, range_room;
static int64_t mapped_bytes, peak_bytes;
static uint64_t break_now, break_before;

static void insert_range(size_t at, uint64_t from, uint64_t to)
{
    if (range_count == range_room) {
        range_room = range_room ? 2 * range_room : 64;
        ranges = realloc(ranges, range_room * sizeof *ranges);
        if (!ranges)
            die("no memory for the tracer");
    }
    memmove(ranges + at + 1, ranges + at, (range_count - at) * sizeof *ranges);
    ranges[at] = (struct range){from, to};
    range_count++;
    mapped_bytes += to - from;
}

/* Takes a range out of all others; returns where it would have to be put in. */
static size_t take_out(uint64_t from, uint64_t to)
{
    size_t i = 0;
    while (i < range_count && ranges[i].to <= from)
        i++;
    while (i < range_count && ranges[i].from < to) {
        struct range old = ranges[i];
        mapped_bytes -= old.to - old.from;
        memmove(ranges + i, ranges + i + 1, (--range_count - i) * sizeof *ranges);
        if (old.from < from)
            insert_range(i++, old.from, from);
        if (old.to > to)
            insert_range(i, to, old.to);
    }
    return i;
}

static void put_in(uint64_t from, uint64_t length)
{
    uint64_t to = from + ((length + PAGE - 1) & -(uint64_t)PAGE);
    size_t at = take_out(from, to);
    insert_range(at, from, to);
}

static void forget_everything(void)
{
    range_count = 0;
    mapped_bytes = 0;
    peak_bytes = 0;
    break_before = break_now;
}

static int64_t heap_bytes(void)
{
    return mapped_bytes + (int64_t)(break_now - break_before);
}

static const struct {
    long number;
    const char *name;
} counted[] = {{SYS_brk, "brk"}, {SYS_mmap, "mmap"}, {SYS_munmap, "munmap"}, {SYS_mremap, "mremap"},
               {SYS_mprotect, "mprotect"}, {SYS_madvise, "madvise"}};
enum { COUNTED = sizeof counted / sizeof *counted };

#define LARGEST_SAMPLES (1 << 20)
static uint64_t calls[COUNTED];
static int64_t *heap_at;
static uint32_t samples_seen;
static bool begun, loaded;

struct task {
    pid_t id;
    bool replays, in_call;
    uint64_t number, arguments[6];
};

static struct task *tasks;
static size_t task_count, task_room;

static struct task *find_task(pid_t id)
{
    for (size_t i = 0; i < task_count; i++)
        if (tasks[i].id == id)
            return &tasks[i];
    return NULL;
}

static struct task *new_task(pid_t id)
{
    if (task_count == task_room) {
        task_room = task_room ? 2 * task_room : 64;
        tasks = realloc(tasks, task_room * sizeof *tasks);
        if (!tasks)
            die("no memory for the tracer");
    }
    tasks[task_count] = (struct task){.id = id};
    return &tasks[task_count++];
}

static void task_ended(pid_t id)
{
    struct task *task = find_task(id);
    if (task)
        *task = tasks[--task_count];
}

/* A close() of a descriptor that nobody has. */
static void marked(struct task *task, uint64_t descriptor)
{
    if (descriptor == BEGIN_IN_JVM && !begun)
        forget_everything(); /* What the JVM has is not the heap's. */
    if (descriptor == BEGIN_IN_JVM || descriptor == BEGIN_IN_C) {
        begun = task->replays = true;
    } else if (descriptor == END) {
        task->replays = false;
    } else if (descriptor >= SAMPLE && descriptor < SAMPLE + LARGEST_SAMPLES) {
        heap_at[descriptor - SAMPLE] = heap_bytes();
        samples_seen = descriptor - SAMPLE >= samples_seen ? descriptor - SAMPLE + 1 : samples_seen;
    }
}

static void follow(const struct task *task, uint64_t result)
{
    const uint64_t *a = task->arguments;
    bool anonymous = (a[3] & (MAP_PRIVATE | MAP_ANONYMOUS)) == (MAP_PRIVATE | MAP_ANONYMOUS);
    if (task->number == SYS_mmap) {
        take_out(result, result + a[1]);
        if (anonymous && a[2] & PROT_WRITE)
            put_in(result, a[1]);
    } else if (task->number == SYS_munmap) {
        take_out(a[0], a[0] + a[1]);
    } else if (task->number == SYS_mremap) {
        take_out(a[0], a[0] + a[1]);
        put_in(result, a[2]);
    } else if (task->number == SYS_mprotect) {
        if (a[2] & PROT_WRITE)
            put_in(a[0], a[1]);
        else
            take_out(a[0], a[0] + a[1]);
    }
    if (heap_bytes() > peak_bytes)
        peak_bytes = heap_bytes();
}

static void call_ended(struct task *task, int64_t result)
{
    bool failed = result < 0 && result > -4096;
    if (task->number == SYS_brk) {
        if (begun && !task->replays)
            break_before += result - break_now; /* The JVM's own affair. */
        break_now = result;
    }
    if (task->number == SYS_close && (uint32_t)task->arguments[0] >= BEGIN_IN_JVM)
        marked(task, (uint32_t)task->arguments[0]);
    if (task->number == SYS_set_robust_list && !loaded) {
        loaded = true;
        forget_everything(); /* The loader is done: what comes now is an allocator that starts. */
    }
    if (begun && !task->replays)
        return;
    if (!failed)
        follow(task, result);
    for (int i = 0; begun && i < COUNTED; i++)
        calls[i] += (long)task->number == counted[i].number;
}

static void stopped_at_call(struct task *task)
{
    struct ptrace_syscall_info info;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, task->id, sizeof info, &info) <= 0)
        return;
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        task->in_call = true;
        task->number = info.entry.nr;
        for (int i = 0; i < 6; i++)
            task->arguments[i] = info.entry.args[i];
    } else if (info.op == PTRACE_SYSCALL_INFO_EXIT && task->in_call) {
        task->in_call = false;
        call_ended(task, info.exit.rval);
    }
}

static int report(const char *file)
{
    FILE *out = fopen(file, "w");
    if (!out)
        die(file);
    for (int i = 0; i < COUNTED; i++)
        fprintf(out, "calls %s %llu\n", counted[i].name, (unsigned long long)calls[i]);
    for (uint32_t i = 0; i < samples_seen; i++)
        fprintf(out, "heap %u %lld\n", i, (long long)heap_at[i]);
    fprintf(out, "peak %lld\n", (long long)peak_bytes);
    return fclose(out);
}

static int count(const char *file, char **command)
{
    heap_at = shared(LARGEST_SAMPLES * sizeof *heap_at);
    pid_t child = fork();
    if (child < 0)
        die("fork");
    if (child == 0) {
        if (ptrace(PTRACE_TRACEME, 0, 0, 0))
            die("ptrace is not allowed here");
        raise(SIGSTOP);
        execvp(*command, command);
        die(*command);
    }
    int status, result = 1;
    if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
        return 2;
    if (ptrace(PTRACE_SETOPTIONS, child, 0,
               PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL))
        die("ptrace is not allowed here");
    new_task(child);
    ptrace(PTRACE_SYSCALL, child, 0, 0);
    for (pid_t id; (id = waitpid(-1, &status, __WALL)) > 0;) {
        if (!WIFSTOPPED(status)) {
            if (id == child)
                result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            task_ended(id);
            continue;
        }
        int signal = WSTOPSIG(status), event = status >> 16;
        struct task *task = find_task(id);
        if (event == PTRACE_EVENT_EXEC)
            loaded = false;
        if (signal == (SIGTRAP | 0x80)) {
            if (task)
                stopped_at_call(task);
            signal = 0;
        } else if (event || (!task && signal == SIGSTOP)) {
            signal = 0; /* The tracer's own business. */
        }
        if (!task)
            new_task(id);
        ptrace(PTRACE_SYSCALL, id, 0, signal);
    }
    return result ? result : report(file);
}

int main(int argc, char **argv)
{
    if (argc == 5 && !strcmp(argv[1], "time"))
        return time_passes(argv[2], strtoull(argv[3], NULL, 10), strtoull(argv[4], NULL, 10));
    if (argc == 3 && !strcmp(argv[1], "memory"))
        return memory_pass(argv[2]);
    if (argc > 3 && !strcmp(argv[1], "count"))
        return count(argv[2], argv + 3);
    dprintf(2, "replayer: time IMAGE PASSES NANOS | memory IMAGE | count FILE COMMAND ...\n");
    return 2;
}
