/*
 * Performs operations on the C library's malloc and tells what came back: the reference that ptmalloc4j is compared with.
 *
 * It reads batches from standard input, a 32-bit count and as many operations, and writes an answer for each to standard
 * output; native-tests/README.md has the protocol. It allocates nothing of its own, so that the heap holds what the
 * operations ask for and nothing else: buffers are static, input and output go through read and write. Only malloc_info
 * needs a FILE; stdout with a static buffer is one that does not allocate.
 *
 * With a number as its argument it starts as many threads before it begins, which then wait, so that what pthread_create
 * allocates lies at the start of the heap and nowhere else. The operations of a script are performed by one thread at a
 * time. A thread that ends is never joined, since that would free what pthread_create allocated.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <gnu/libc-version.h>
#include <linux/futex.h>
#include <malloc.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MAX_IDS = 1 << 22, MAX_BATCH = 1 << 14, PAGE = 4096, START_ALIGNMENT = 32 << 20, MMAPPED = 2, NON_MAIN_ARENA = 4 };
enum { HEAP = 64 << 20, MAX_ARENAS = 1024, MAX_NAMES = 17, MAX_WORKERS = 4096, STACK = 256 << 10 };

struct operation {
    uint32_t call; /* a letter */
    uint32_t id;
    uint64_t first;
    uint64_t second;
};

struct answer {
    uint64_t address; /* from the start of its heap, or absolute for an mmapped chunk; or the call's result; 0 failed */
    uint64_t usable;
    uint64_t head; /* the size word of the chunk, or the error of posix_memalign */
    uint64_t foot; /* of an mmapped chunk: how far it lies in its mapping; in an arena's heap: which arena's, which heap */
    uint64_t brk;  /* from its start */
};

struct hello {
    char magic[8];
    char version[24];
};

/* A thread of the pool. */
struct worker {
    sem_t turn;
    int leaving;
    int alive; /* the kernel clears it when the thread is gone */
};

static char *blocks[MAX_IDS];
static struct operation operations[MAX_BATCH];
static struct answer answers[MAX_BATCH];
static size_t answered;
static char xml[1 << 16];
static uintptr_t start;
static uintptr_t arenas[MAX_ARENAS]; /* their first heaps, in the order in which chunks of them were first seen */
static uint32_t arena_count;

static struct worker workers[MAX_WORKERS];
static struct worker *named[MAX_NAMES]; /* by the number that the script gives a thread; 0 is the main thread */
static uint32_t worker_count, workers_used;
static uint32_t turn;           /* whose */
static uint32_t position, end; /* in the batch */
static sem_t done;

static void put(const void *from, size_t bytes)
{
    for (const char *next = from; bytes > 0;) {
        ssize_t written = write(STDOUT_FILENO, next, bytes);
        if (written < 0 && errno != EINTR)
            _exit(2);
        if (written > 0) {
            next += written;
            bytes -= written;
        }
    }
}

/* Fills all of it, or ends the process where the input ends. */
static void get(void *to, size_t bytes)
{
    for (char *next = to; bytes > 0;) {
        ssize_t got = read(STDIN_FILENO, next, bytes);
        if (got == 0)
            _exit(0);
        if (got < 0 && errno != EINTR)
            _exit(2);
        if (got > 0) {
            next += got;
            bytes -= got;
        }
    }
}

static void flush_answers(void)
{
    put(answers, answered * sizeof answers[0]);
    answered = 0;
}

/* Ten numbers, then the XML, which ends itself. */
static void put_statistics(void)
{
    struct mallinfo2 info = mallinfo2();

    flush_answers();
    put(&info, sizeof info);
    malloc_info(0, stdout);
    fflush(stdout);
}

/* Which arena, and above it in the word, which of its heaps: how many it had before this one. */
static uint64_t heap_of(uintptr_t mem)
{
    const uintptr_t *heap = (const uintptr_t *)(mem & -(uintptr_t)HEAP);
    uint64_t before = 0;
    uint32_t arena = 0;

    for (; heap[1] != 0; before++)
        heap = (const uintptr_t *)heap[1];
    while (arena < arena_count && arenas[arena] != (uintptr_t)heap)
        arena++;
    if (arena == MAX_ARENAS)
        _exit(4);
    if (arena == arena_count)
        arenas[arena_count++] = (uintptr_t)heap;
    return before << 32 | arena;
}

static void describe(struct answer *answer, char *mem)
{
    const uint64_t *chunk = (const uint64_t *)(mem - 16);

    answer->usable = malloc_usable_size(mem);
    answer->head = chunk[1];
    if (chunk[1] & MMAPPED) {
        answer->foot = chunk[0];
        answer->address = (uintptr_t)mem;
    } else if (chunk[1] & NON_MAIN_ARENA) {
        answer->foot = heap_of((uintptr_t)mem);
        answer->address = (uintptr_t)mem & (HEAP - 1);
    } else {
        answer->address = (uintptr_t)mem - start;
    }
}

/* No mapping can be made or grow, and the break cannot rise; or they can again. */
static void limit_address_space(int limited)
{
    struct rlimit limit;

    getrlimit(RLIMIT_AS, &limit);
    limit.rlim_cur = limited ? 0 : limit.rlim_max;
    setrlimit(RLIMIT_AS, &limit);
}

/* Lets the break rise by no more than this: something else lies there, with the gap of a page that the kernel wants. */
static void wall(size_t room)
{
    uintptr_t end = ((uintptr_t)sbrk(0) + room + PAGE - 1) & -(uintptr_t)PAGE;
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;

    mmap((void *)(end + PAGE), PAGE, PROT_NONE, flags, -1, 0);
}

/* The calls that return a number and no block; false if the call is none of them. */
static int performed(const struct operation *op, struct answer *answer)
{
    uintptr_t old;

    switch (op->call) {
    case 't': answer->address = malloc_trim(op->first); return 1;
    case 'o': answer->address = mallopt((int)op->first, (int)op->second); return 1;
    case 'x': wall(op->first); return 1;
    case 'z': limit_address_space(op->first != 0); return 1;
    case 's':
        old = (uintptr_t)sbrk((intptr_t)op->first);
        answer->address = old == UINTPTR_MAX ? old : old - start;
        return 1;
    case 'f':
        free(blocks[op->id]);
        blocks[op->id] = NULL;
        return 1;
    default: return 0;
    }
}

static void perform(const struct operation *op, struct answer *answer)
{
    void *mem = NULL;

    if (performed(op, answer))
        return;
    switch (op->call) {
    case 'a': mem = malloc(op->first); break;
    case 'c': mem = calloc(op->first, op->second); break;
    case 'r':
        mem = realloc(blocks[op->id], op->first);
        if (mem == NULL && op->first != 0)
            return; /* a failure leaves the old one */
        break;
    case 'm': mem = memalign(op->first, op->second); break;
    case 'l': mem = aligned_alloc(op->first, op->second); break;
    case 'p': answer->head = posix_memalign(&mem, op->first, op->second); break;
    case 'v': mem = valloc(op->first); break;
    case 'P': mem = pvalloc(op->first); break;
    default: _exit(3);
    }
    blocks[op->id] = mem;
    if (mem != NULL)
        describe(answer, mem);
}

static void answer_one(const struct operation *op)
{
    struct answer *answer = &answers[answered++];

    memset(answer, 0, sizeof *answer);
    perform(op, answer);
    answer->brk = (uintptr_t)sbrk(0) - start;
}

/* The calling thread's turn: up to where another's begins, or it ends, or the batch does. */
static void take_turn(void)
{
    for (; position < end; position++) {
        const struct operation *op = &operations[position];

        if (op->call == 'T' || op->call == 'X')
            return;
        if (op->id >= MAX_IDS)
            _exit(3);
        if (op->call == 'i')
            put_statistics();
        else
            answer_one(op);
    }
}

static void *work(void *of)
{
    struct worker *me = of;

    syscall(SYS_set_tid_address, &me->alive);
    for (;;) {
        while (sem_wait(&me->turn) != 0)
            continue;
        if (me->leaving)
            return NULL;
        take_turn();
        sem_post(&done);
    }
}

/* One thread more than the script needs waits for ever: the process must not become single-threaded again. */
static void start_workers(void)
{
    pthread_attr_t attributes;
    pthread_t thread;

    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    sem_init(&done, 0, 0);
    for (uint32_t i = 0; i < worker_count; i++) {
        sem_init(&workers[i].turn, 0, 0);
        workers[i].alive = 1;
        if (pthread_create(&thread, &attributes, work, &workers[i]) != 0)
            _exit(5);
    }
}

/* A thread ends and a later one has its number. The main thread stays. */
static void leave(void)
{
    struct worker *worker = named[turn];

    if (worker == NULL)
        return;
    named[turn] = NULL;
    worker->leaving = 1;
    sem_post(&worker->turn);
    while (__atomic_load_n(&worker->alive, __ATOMIC_ACQUIRE))
        syscall(SYS_futex, &worker->alive, FUTEX_WAIT, 1, NULL, NULL, 0);
}

static void give_turn(void)
{
    if (turn == 0) {
        take_turn();
        return;
    }
    if (named[turn] == NULL) {
        if (workers_used == worker_count)
            _exit(5);
        named[turn] = &workers[workers_used++];
    }
    sem_post(&named[turn]->turn);
    while (sem_wait(&done) != 0)
        continue;
}

/* The operations that are about threads. */
static void change_threads(const struct operation *op)
{
    struct answer *answer;

    if (op->call == 'X')
        leave();
    else if (op->first < MAX_NAMES)
        turn = op->first;
    else
        _exit(3);
    answer = &answers[answered++];
    memset(answer, 0, sizeof *answer);
    answer->brk = (uintptr_t)sbrk(0) - start;
}

static void answer_batch(uint32_t count)
{
    get(operations, count * sizeof operations[0]);
    end = count;
    for (position = 0; position < end;) {
        if (operations[position].call == 'T' || operations[position].call == 'X')
            change_threads(&operations[position++]);
        else
            give_turn();
    }
    flush_answers();
}

int main(int argc, char **argv)
{
    struct hello hello = {.magic = "ptm4j 02"};
    uint32_t count;

    worker_count = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    if (worker_count > MAX_WORKERS)
        _exit(3);
    strncpy(hello.version, gnu_get_libc_version(), sizeof hello.version - 1);
    put(&hello, sizeof hello);
    setvbuf(stdout, xml, _IOFBF, sizeof xml);
    sbrk(-(uintptr_t)sbrk(0) & (START_ALIGNMENT - 1)); /* memalign to less than this then knows no chance */
    start = (uintptr_t)sbrk(0);
    start_workers();
    for (;;) {
        get(&count, sizeof count);
        if (count > MAX_BATCH)
            _exit(3);
        answer_batch(count);
    }
}
