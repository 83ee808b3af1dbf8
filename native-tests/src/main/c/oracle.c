/*
 * Performs operations on the C library's malloc and tells what came back: the reference that ptmalloc4j is compared with.
 *
 * It reads batches from standard input, a 32-bit count and as many operations, and writes an answer for each to standard
 * output; native-tests/README.md has the protocol. It allocates nothing of its own, so that the heap holds what the
 * operations ask for and nothing else: buffers are static, input and output go through read and write. Only malloc_info
 * needs a FILE; stdout with a static buffer is one that does not allocate.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <gnu/libc-version.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MAX_IDS = 1 << 22, MAX_BATCH = 1 << 14, PAGE = 4096, START_ALIGNMENT = 32 << 20, MMAPPED = 2 };

struct operation {
    uint32_t call; /* a letter */
    uint32_t id;
    uint64_t first;
    uint64_t second;
};

struct answer {
    uint64_t address; /* from the start of the heap, or absolute for an mmapped chunk; or the call's result; 0 failed */
    uint64_t usable;
    uint64_t head; /* the size word of the chunk, or the error of posix_memalign */
    uint64_t foot; /* of an mmapped chunk: how far it lies in its mapping */
    uint64_t brk;  /* from its start */
};

struct hello {
    char magic[8];
    char version[24];
};

static char *blocks[MAX_IDS];
static struct operation operations[MAX_BATCH];
static struct answer answers[MAX_BATCH];
static size_t answered;
static char xml[1 << 16];
static uintptr_t start;

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

static void describe(struct answer *answer, char *mem)
{
    const uint64_t *chunk = (const uint64_t *)(mem - 16);

    answer->usable = malloc_usable_size(mem);
    answer->head = chunk[1];
    answer->foot = chunk[1] & MMAPPED ? chunk[0] : 0;
    answer->address = chunk[1] & MMAPPED ? (uintptr_t)mem : (uintptr_t)mem - start;
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

static void answer_batch(uint32_t count)
{
    get(operations, count * sizeof operations[0]);
    for (uint32_t i = 0; i < count; i++) {
        if (operations[i].id >= MAX_IDS)
            _exit(3);
        if (operations[i].call == 'i') {
            put_statistics();
            continue;
        }
        struct answer *answer = &answers[answered++];
        memset(answer, 0, sizeof *answer);
        perform(&operations[i], answer);
        answer->brk = (uintptr_t)sbrk(0) - start;
    }
    flush_answers();
}

int main(void)
{
    struct hello hello = {.magic = "ptm4j 01"};
    uint32_t count;

    strncpy(hello.version, gnu_get_libc_version(), sizeof hello.version - 1);
    put(&hello, sizeof hello);
    setvbuf(stdout, xml, _IOFBF, sizeof xml);
    sbrk(-(uintptr_t)sbrk(0) & (START_ALIGNMENT - 1)); /* memalign to less than this then knows no chance */
    start = (uintptr_t)sbrk(0);
    for (;;) {
        get(&count, sizeof count);
        if (count > MAX_BATCH)
            _exit(3);
        answer_batch(count);
    }
}
