/*
 * The workloads of io.github.ptmalloc4j.benchmarks on the C library's malloc, draw for draw.
 *
 *   workloads OPERATIONS IDLE_MILLIS NAME ARGUMENTS...
 *
 * prints one line: operations, wall ns, CPU ns of all threads, bytes of peak resident memory beyond what was resident
 * before, the most that the arenas ever had of the system, peak live payload, what is resident beyond the beginning after
 * everything was freed and IDLE_MILLIS have passed, minor faults, 0, and a number of the workload's own.
 */
#define _GNU_SOURCE
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

typedef struct {
    long operations, wall, cpu, live, extra;
} outcome;

static void die(const char *what) {
    perror(what);
    exit(1);
}

/* ---- splitmix64 ---- */

static inline uint64_t draw(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static inline int below(uint64_t *state, int bound) {
    return (int)((draw(state) >> 32) * (uint64_t)bound >> 32);
}

static int falling(uint64_t *state, int min, int max) {
    int a = below(state, max - min), b = below(state, max - min);
    return min + abs(a - b);
}

static int mixed(uint64_t *state) {
    int percent = below(state, 100);
    if (percent < 70) return 16 + below(state, 240);
    if (percent < 90) return 256 + below(state, 768);
    if (percent < 98) return 1024 + below(state, 3072);
    return 4096 + below(state, 28672);
}

/* ---- clocks and memory ---- */

static long wall(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000L + t.tv_nsec;
}

static long cpu(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1000000000L + t.tv_nsec;
}

static long minor_faults(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
}

static long status(const char *key) {
    char line[256];
    long kib = -1;
    FILE *f = fopen("/proc/self/status", "r");
    if (!f) die("/proc/self/status");
    while (fgets(line, sizeof line, f)) {
        if (!strncmp(line, key, strlen(key))) sscanf(line + strlen(key), ": %ld", &kib);
    }
    fclose(f);
    return kib * 1024;
}

static void reset_peak(void) {
    FILE *f = fopen("/proc/self/clear_refs", "w");
    if (!f || fputs("5", f) < 0 || fclose(f)) die("/proc/self/clear_refs");
}

static long arenas_max(void) {
    char *text, *at, *last = NULL;
    size_t length;
    FILE *f = open_memstream(&text, &length);
    malloc_info(0, f);
    fclose(f);
    for (at = text; (at = strstr(at, "<system type=\"max\" size=\"")); at++) last = at;
    long bytes = last ? atol(last + strlen("<system type=\"max\" size=\"")) : 0;
    free(text);
    return bytes;
}

static long started_wall, started_cpu;

static void start_clocks(void) {
    started_wall = wall();
    started_cpu = cpu();
}

static outcome stop_clocks(long operations) {
    outcome o = {operations, wall() - started_wall, cpu() - started_cpu, 0, 0};
    return o;
}

static void *must(void *p) {
    if (!p) die("malloc");
    return p;
}

static pthread_t start(void *(*work)(void *), void *argument) {
    pthread_t t;
    if (pthread_create(&t, NULL, work, argument)) die("pthread_create");
    return t;
}

/* ---- larson ---- */

static pthread_mutex_t done_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t done_changed = PTHREAD_COND_INITIALIZER;
static int done_count;

typedef struct {
    char **slots;
    int count, each, generations;
    uint64_t state;
} segment;

static char *touched(int size) {
    char *p = must(malloc(size));
    p[0] = 1;
    p[1] = 2;
    return p;
}

static void *larson_generation(void *argument) {
    segment *s = argument;
    for (int i = 0; i < s->each; i++) {
        int slot = below(&s->state, s->count);
        free(s->slots[slot]);
        s->slots[slot] = touched(8 + below(&s->state, 992));
    }
    if (--s->generations > 0) {
        pthread_detach(start(larson_generation, s));
    } else {
        pthread_mutex_lock(&done_lock);
        done_count++;
        pthread_cond_signal(&done_changed);
        pthread_mutex_unlock(&done_lock);
    }
    return NULL;
}

static outcome larson(int threads, int count, long operations) {
    int all = threads * count;
    uint64_t state = 4141;
    char **slots = must(malloc(all * sizeof *slots));
    segment *segments = must(malloc(threads * sizeof *segments));
    for (int i = 0; i < all; i++) slots[i] = touched(8 + below(&state, 992));
    for (int i = all - 1; i > 0; i--) {
        int j = below(&state, i + 1);
        char *p = slots[i];
        slots[i] = slots[j];
        slots[j] = p;
    }
    for (int i = 0; i < 4 * all; i++) {
        int slot = below(&state, all);
        free(slots[slot]);
        slots[slot] = touched(8 + below(&state, 992));
    }
    long share = operations / threads, each = share < 100L * count ? share : 100L * count;
    if (each < 1) each = 1;
    int generations = share / each;
    if (generations < 1) generations = 1;
    start_clocks();
    for (int t = 0; t < threads; t++) {
        segments[t] = (segment){slots + t * count, count, each, generations, t + 1};
        pthread_detach(start(larson_generation, &segments[t]));
    }
    pthread_mutex_lock(&done_lock);
    while (done_count < threads) pthread_cond_wait(&done_changed, &done_lock);
    pthread_mutex_unlock(&done_lock);
    outcome o = stop_clocks(threads * generations * each);
    for (int i = 0; i < all; i++) free(slots[i]);
    free(slots);
    free(segments);
    return o;
}

/* ---- glibc-thread ---- */

typedef struct {
    long operations;
    uint64_t state;
} share;

static void *exchange(void *argument) {
    share *s = argument;
    static __thread char *slots[1024];
    static __thread int indices[4096], sizes[8000];
    for (int i = 0; i < 4096; i++) indices[i] = below(&s->state, 1024);
    for (int i = 0; i < 8000; i++) {
        double u = (draw(&s->state) >> 11) * 0x1p-53;
        sizes[i] = (int)(1 / ((1.0 / 32768 - 0.25) * u + 0.25));
    }
    for (long i = 0, index = 0, size = 0; i < s->operations; i++) {
        char **slot = &slots[indices[index]];
        free(*slot);
        *slot = must(malloc(sizes[size]));
        index = index + 1 & 4095;
        size = size == 7999 ? 0 : size + 1;
    }
    for (int i = 0; i < 1024; i++) free(slots[i]);
    return NULL;
}

static outcome glibc_thread(int threads, long operations) {
    pthread_t ids[64];
    share shares[64];
    start_clocks();
    for (int t = 0; t < threads; t++) {
        shares[t] = (share){operations / threads, t + 1};
        ids[t] = start(exchange, &shares[t]);
    }
    for (int t = 0; t < threads; t++) pthread_join(ids[t], NULL);
    return stop_clocks(operations);
}

/* ---- xmalloc ---- */

enum { BATCH = 4096, QUEUE = 100 };

typedef struct batch {
    struct batch *next;
    char *blocks[BATCH];
} batch;

static const int seventeen[] = {8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048};
static pthread_mutex_t queue_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER, not_full = PTHREAD_COND_INITIALIZER;
static batch *queue;
static int queued, xmalloc_size;
static long batches;

static void *produce(void *unused) {
    uint64_t state = 1;
    for (long n = 0; n < batches; n++) {
        batch *b = must(malloc(sizeof *b));
        for (int i = 0; i < BATCH; i++) {
            int size = xmalloc_size > 0 ? xmalloc_size : seventeen[below(&state, 17)];
            b->blocks[i] = must(malloc(size));
            memset(b->blocks[i], i, size < 128 ? size : 128);
        }
        pthread_mutex_lock(&queue_lock);
        while (queued == QUEUE) pthread_cond_wait(&not_full, &queue_lock);
        b->next = queue;
        queue = b;
        queued++;
        pthread_cond_signal(&not_empty);
        pthread_mutex_unlock(&queue_lock);
    }
    return unused;
}

static void *consume(void *unused) {
    for (long n = 0; n < batches; n++) {
        pthread_mutex_lock(&queue_lock);
        while (queued == 0) pthread_cond_wait(&not_empty, &queue_lock);
        batch *b = queue;
        queue = b->next;
        queued--;
        pthread_cond_signal(&not_full);
        pthread_mutex_unlock(&queue_lock);
        for (int i = 0; i < BATCH; i++) free(b->blocks[i]);
        free(b);
    }
    return unused;
}

static outcome xmalloc(int size, long operations) {
    xmalloc_size = size;
    batches = operations / BATCH;
    if (batches < 1) batches = 1;
    start_clocks();
    pthread_t producer = start(produce, NULL), consumer = start(consume, NULL);
    pthread_join(producer, NULL);
    pthread_join(consumer, NULL);
    return stop_clocks(batches * BATCH);
}

/* ---- pair, calloc, aligned ---- */

static outcome pairs(const char *kind, int bytes, long operations) {
    start_clocks();
    for (long n = 0; n < operations; n++) {
        char *p = must(*kind == 'p' ? malloc(bytes) : *kind == 'c' ? calloc(1, bytes) : memalign(bytes, bytes));
        *(volatile char *)p = 1;
        free(p);
    }
    return stop_clocks(operations);
}

/* ---- batch ---- */

static outcome batch_of_1000(const char *order, int bytes, long operations) {
    enum { COUNT = 1000, TABLES = 64 };
    static int sizes[TABLES][COUNT], free_order[COUNT];
    static char *blocks[COUNT];
    uint64_t state = 42;
    for (int t = 0; t < TABLES; t++)
        for (int i = 0; i < COUNT; i++) sizes[t][i] = bytes > 0 ? bytes : mixed(&state);
    for (int i = 0; i < COUNT; i++) free_order[i] = *order == 'l' ? COUNT - 1 - i : i;
    if (*order == 'r') {
        for (int i = COUNT - 1; i > 0; i--) {
            int j = below(&state, i + 1), k = free_order[i];
            free_order[i] = free_order[j];
            free_order[j] = k;
        }
    }
    start_clocks();
    long rounds = operations / COUNT;
    if (rounds < 1) rounds = 1;
    for (long r = 0; r < rounds; r++) {
        int *table = sizes[r % TABLES];
        for (int i = 0; i < COUNT; i++) {
            blocks[i] = must(malloc(table[i]));
            *(volatile long *)blocks[i] = i;
        }
        for (int i = 0; i < COUNT; i++) free(blocks[free_order[i]]);
    }
    return stop_clocks(rounds * COUNT);
}

/* ---- glibc-simple ---- */

static outcome glibc_simple(int bytes, int count, long operations) {
    char **blocks = must(malloc(count * sizeof *blocks));
    long rounds = operations / count;
    if (rounds < 1) rounds = 1;
    start_clocks();
    for (long r = 0; r < rounds; r++) {
        for (int i = 0; i < count; i++) memset(blocks[i] = must(malloc(bytes)), 1, bytes);
        for (int i = 0; i < count / 2; i++) free(blocks[i]);
        for (int i = count - 1; i >= count / 2; i--) free(blocks[i]);
    }
    outcome o = stop_clocks(rounds * count);
    free(blocks);
    return o;
}

/* ---- realloc ---- */

static outcome realloc_growth(long operations) {
    start_clocks();
    for (long n = 0; n < operations; n++) {
        char *p = must(malloc(16));
        memset(p, 1, 16);
        for (size_t bytes = 32; bytes <= 16 << 20; bytes *= 2) {
            p = must(realloc(p, bytes));
            memset(p + bytes / 2, 1, bytes / 2);
        }
        free(p);
    }
    return stop_clocks(operations);
}

static outcome realloc_vectors(long operations) {
    enum { VECTORS = 64, STEPS = VECTORS * 8 };
    char *vectors[VECTORS];
    long rounds = operations / STEPS;
    if (rounds < 1) rounds = 1;
    start_clocks();
    for (long r = 0; r < rounds; r++) {
        for (int i = 0; i < VECTORS; i++) *(vectors[i] = must(malloc(16))) = 1;
        for (int bytes = 32; bytes <= 4096; bytes *= 2) {
            for (int i = 0; i < VECTORS; i++) {
                vectors[i] = must(realloc(vectors[i], bytes));
                vectors[i][bytes - 1] = 1;
            }
        }
        for (int i = 0; i < VECTORS; i++) free(vectors[i]);
    }
    return stop_clocks(rounds * STEPS);
}

/* ---- large ---- */

static outcome large(long operations) {
    char *slots[20] = {0};
    uint64_t state = 42;
    start_clocks();
    for (long n = 0; n < operations; n++) {
        int slot = below(&state, 20), bytes = (5 << 20) + below(&state, 20 << 20);
        free(slots[slot]);
        memset(slots[slot] = must(malloc(bytes)), 1, bytes);
    }
    outcome o = stop_clocks(operations);
    for (int i = 0; i < 20; i++) free(slots[i]);
    return o;
}

/* ---- cache-scratch, cache-thrash ---- */

typedef struct {
    char *block;
    long rounds;
    int writes;
} scratch;

static void *write_line(void *argument) {
    scratch *s = argument;
    free(s->block);
    for (long r = 0; r < s->rounds; r++) {
        volatile char *p = must(malloc(1));
        for (int i = 0; i < s->writes; i++) *p = i;
        free((void *)p);
    }
    return NULL;
}

static outcome cache_lines(int threads, int handed_over, long operations) {
    pthread_t ids[64];
    scratch parts[64];
    int writes = 2000 / threads;
    long rounds = operations / threads / writes;
    if (rounds < 1) rounds = 1;
    for (int t = 0; t < threads; t++) {
        parts[t] = (scratch){handed_over ? must(malloc(1)) : NULL, rounds, writes};
        if (handed_over) *parts[t].block = 1;
    }
    start_clocks();
    for (int t = 0; t < threads; t++) ids[t] = start(write_line, &parts[t]);
    for (int t = 0; t < threads; t++) pthread_join(ids[t], NULL);
    return stop_clocks(threads * rounds * writes);
}

/* ---- mstress ---- */

enum { TRANSFERS = 1000, VECTOR_STEP = 800000 };

#define COOKIE 0xbf58476d1ce4e5b9u

static uint64_t *transfers[TRANSFERS];

typedef struct {
    int count;
    uint64_t state;
} stress;

static void verify_and_free(uint64_t *p) {
    if (!p) return;
    uint64_t words = p[0] ^ COOKIE;
    for (uint64_t i = 1; i < words; i++) {
        if (p[i] != (words - i ^ COOKIE)) {
            fprintf(stderr, "a block is damaged\n");
            exit(1);
        }
    }
    free(p);
}

static uint64_t *cookies(uint64_t *state, int items) {
    int words = items;
    if (below(state, 100) < 2) {
        int luck = below(state, 100);
        words *= luck < 2 ? 10000 : luck < 13 ? 1000 : 100;
    }
    uint64_t *p = must(malloc(8L * words));
    for (int i = 0; i < words; i++) p[i] = words - i ^ COOKIE;
    return p;
}

static void *stress_round(void *argument) {
    stress *s = argument;
    uint64_t **data = NULL, **retained = must(malloc(8L * (s->count / 2)));
    int held = 0, kept = 0, to_allocate = s->count, to_keep = s->count / 2;
    while (to_allocate > 0 || to_keep > 0) {
        if (to_keep == 0 || (to_allocate > 0 && below(&s->state, 100) < 51)) {
            to_allocate--;
            if (held % (VECTOR_STEP / 8) == 0) data = must(realloc(data, 8L * held + VECTOR_STEP));
            data[held++] = cookies(&s->state, 1 << below(&s->state, 5));
        } else {
            to_keep--;
            retained[kept++] = cookies(&s->state, 1 << below(&s->state, 7));
        }
        if (below(&s->state, 100) < 67) {
            int i = below(&s->state, held > 1 ? held : 1);
            if (held > 0) {
                verify_and_free(data[i]);
                data[i] = NULL;
            }
        }
        if (below(&s->state, 100) < 26 && held > 0) {
            int i = below(&s->state, held);
            data[i] = __atomic_exchange_n(&transfers[below(&s->state, TRANSFERS)], data[i], __ATOMIC_ACQ_REL);
        }
    }
    for (int i = 0; i < kept; i++) verify_and_free(retained[i]);
    for (int i = 0; i < held; i++) verify_and_free(data[i]);
    free(retained);
    free(data);
    return NULL;
}

static outcome mstress(int threads, long operations) {
    pthread_t ids[64];
    stress parts[64];
    uint64_t state = 42;
    long per_round = 0;
    outcome sum = {0};
    for (int t = 0; t < threads; t++) {
        parts[t].count = 5000 * (t % 8 + 1);
        per_round += parts[t].count + parts[t].count / 2;
    }
    long rounds = operations / per_round;
    if (rounds < 1) rounds = 1;
    for (long round = 0; round < rounds; round++) {
        start_clocks();
        for (int t = 0; t < threads; t++) {
            parts[t].state = 1 + t + round * threads;
            ids[t] = start(stress_round, &parts[t]);
        }
        for (int t = 0; t < threads; t++) pthread_join(ids[t], NULL);
        outcome o = stop_clocks(per_round);
        sum.operations += o.operations;
        sum.wall += o.wall;
        sum.cpu += o.cpu;
        for (int i = 0; i < TRANSFERS; i++) {
            if (round == rounds - 1 || below(&state, 100) < 50) {
                verify_and_free(transfers[i]);
                transfers[i] = NULL;
            }
        }
    }
    return sum;
}

/* ---- rptest ---- */

enum { RP_SLOTS = 1000, RP_MEAN = 97 };

typedef struct foreign {
    struct foreign *next;
    long count;
    char *blocks[];
} foreign;

typedef struct member {
    struct member *next;
    foreign *left;
    char *slots[RP_SLOTS];
    uint64_t state;
    long loops, allocations;
    int free_at, fill_at;
} member;

static char *rp_block(member *m, int alignment) {
    int bytes = falling(&m->state, 8, 16000);
    char *p = must(alignment == 0 ? malloc(bytes) : memalign(8 * alignment, bytes));
    memset(p, 1, 4);
    for (int at = 4096; at < bytes; at += 4096) p[at] = 1;
    p[bytes - 1] = 1;
    m->allocations++;
    return p;
}

static void free_foreign(member *m) {
    foreign *f = __atomic_exchange_n(&m->left, NULL, __ATOMIC_ACQUIRE);
    while (f) {
        foreign *next = f->next;
        for (long i = 0; i < f->count; i++) free(f->blocks[i]);
        free(f);
        f = next;
    }
}

static void *rp_loops(void *argument) {
    member *m = argument;
    for (long loop = 0; loop < m->loops; loop++) {
        free_foreign(m);
        for (int i = 24 + below(&m->state, 56); i > 0; i--) {
            free(m->slots[m->free_at]);
            m->slots[m->free_at] = NULL;
            m->free_at = (m->free_at + 317) % RP_SLOTS;
        }
        int fills = 30 + below(&m->state, 70);
        for (int i = 0; i < fills; i++) {
            free(m->slots[m->fill_at]);
            m->slots[m->fill_at] = rp_block(m, i % 3);
            m->fill_at = (m->fill_at + 613) % RP_SLOTS;
        }
        if (loop % 2 == 1) {
            long count = 30 + below(&m->state, 70);
            char *blocks[100];
            for (long i = 0; i < count; i++) blocks[i] = rp_block(m, 0);
            foreign *f = must(malloc(sizeof *f + 8 * count));
            f->count = count;
            memcpy(f->blocks, blocks, 8 * count);
            f->next = __atomic_load_n(&m->next->left, __ATOMIC_RELAXED);
            while (!__atomic_compare_exchange_n(&m->next->left, &f->next, f, 0, __ATOMIC_RELEASE, __ATOMIC_RELAXED)) {
            }
        }
    }
    return NULL;
}

static outcome rptest(int threads, long operations) {
    static member members[64];
    pthread_t ids[64];
    long loops = operations / threads / RP_MEAN;
    for (int t = 0; t < threads; t++) {
        members[t].next = &members[(t + 1) % threads];
        members[t].state = t + 1;
        members[t].loops = loops > 0 ? loops : 1;
    }
    start_clocks();
    for (int t = 0; t < threads; t++) ids[t] = start(rp_loops, &members[t]);
    for (int t = 0; t < threads; t++) pthread_join(ids[t], NULL);
    outcome o = stop_clocks(0);
    for (int t = 0; t < threads; t++) {
        free_foreign(&members[t]);
        for (int i = 0; i < RP_SLOTS; i++) free(members[t].slots[i]);
        o.operations += members[t].allocations;
    }
    return o;
}

/* ---- live ---- */

static outcome live_heap(int mebibytes, long operations) {
    int count = (int)(((long)mebibytes << 20) / 790);
    char **slots = must(malloc(count * sizeof *slots));
    uint64_t state = 7, reads = 8;
    long sum = 0;
    for (int i = 0; i < count; i++) *(long *)(slots[i] = must(malloc(mixed(&state)))) = i;
    start_clocks();
    for (long n = 0; n < operations; n++) sum += *(volatile long *)slots[below(&reads, count)];
    long reading = stop_clocks(operations).cpu;
    start_clocks();
    for (long n = 0; n < operations; n++) {
        int i = below(&state, count);
        free(slots[i]);
        *(long *)(slots[i] = must(malloc(mixed(&state)))) = i;
    }
    outcome o = stop_clocks(operations);
    o.extra = reading;
    for (int i = 0; i < count; i++) free(slots[i]);
    free(slots);
    return o;
}

/* ---- churn and phase ---- */

/* Resident before the count begins: what the program itself keeps is not the heap's. */
static char *blocks[1 << 20], *more[1 << 18];
static int sizes[1 << 20];

static void touch_tables(void) {
    memset(blocks, 0, sizeof blocks);
    memset(more, 0, sizeof more);
    memset(sizes, 0, sizeof sizes);
}

static char *filled(int size) {
    char *p = must(malloc(size));
    memset(p, 1, size);
    return p;
}

static outcome churn(int count, long operations) {
    uint64_t state = 7;
    long live = 0, peak = 0;
    for (int i = 0; i < count; i++) {
        live += sizes[i] = mixed(&state);
        blocks[i] = filled(sizes[i]);
    }
    start_clocks();
    for (long n = 0; n < operations; n++) {
        int i = below(&state, count), size = mixed(&state);
        free(blocks[i]);
        blocks[i] = filled(size);
        live += size - sizes[i];
        sizes[i] = size;
        if (live > peak) peak = live;
    }
    outcome o = stop_clocks(operations);
    o.live = peak;
    for (int i = 0; i < count; i++) free(blocks[i]);
    return o;
}

static outcome phase(int count) {
    uint64_t state = 7;
    long live = 0, peak, operations = count;
    int second = 0;
    start_clocks();
    for (int i = 0; i < count; i++) {
        live += sizes[i] = 64 + below(&state, 65);
        blocks[i] = filled(sizes[i]);
    }
    peak = live;
    for (int i = 0; i < count; i++) {
        if (below(&state, 10) != 0) {
            live -= sizes[i];
            free(blocks[i]);
            blocks[i] = NULL;
            operations++;
        }
    }
    while (live < peak) {
        int size = 256 + below(&state, 257);
        more[second++] = filled(size);
        live += size;
    }
    outcome o = stop_clocks(operations + second);
    o.live = live;
    for (int i = 0; i < count; i++) free(blocks[i]);
    for (int i = 0; i < second; i++) free(more[i]);
    return o;
}

static outcome run(long operations, char **words) {
    if (!strcmp(words[0], "larson")) return larson(atoi(words[1]), atoi(words[2]), operations);
    if (!strcmp(words[0], "glibc-thread")) return glibc_thread(atoi(words[1]), operations);
    if (!strcmp(words[0], "xmalloc")) return xmalloc(atoi(words[1]), operations);
    if (!strcmp(words[0], "pair") || !strcmp(words[0], "calloc") || !strcmp(words[0], "aligned"))
        return pairs(words[0], atoi(words[1]), operations);
    if (!strcmp(words[0], "batch")) return batch_of_1000(words[1], words[2] ? atoi(words[2]) : 0, operations);
    if (!strcmp(words[0], "glibc-simple")) return glibc_simple(atoi(words[1]), atoi(words[2]), operations);
    if (!strcmp(words[0], "mstress")) return mstress(atoi(words[1]), operations);
    if (!strcmp(words[0], "rptest")) return rptest(atoi(words[1]), operations);
    if (!strcmp(words[0], "cache-scratch")) return cache_lines(atoi(words[1]), 1, operations);
    if (!strcmp(words[0], "cache-thrash")) return cache_lines(atoi(words[1]), 0, operations);
    if (!strcmp(words[0], "realloc-growth")) return realloc_growth(operations);
    if (!strcmp(words[0], "realloc-vectors")) return realloc_vectors(operations);
    if (!strcmp(words[0], "large")) return large(operations);
    if (!strcmp(words[0], "live")) return live_heap(atoi(words[1]), operations);
    if (!strcmp(words[0], "churn")) return churn(atoi(words[1]), operations);
    if (!strcmp(words[0], "phase")) return phase(atoi(words[1]));
    fprintf(stderr, "no workload %s\n", words[0]);
    exit(2);
}

int main(int argc, char **argv) {
    if (argc < 4) return 2;
    touch_tables();
    reset_peak();
    long base = status("VmRSS");
    long faults = minor_faults();
    outcome o = run(atol(argv[1]), argv + 3);
    faults = minor_faults() - faults;
    long peak = status("VmHWM") - base, most = arenas_max();
    if (status("VmRSS") - base > peak) peak = status("VmRSS") - base;
    usleep(1000 * atoi(argv[2]));
    printf("%ld %ld %ld %ld %ld %ld %ld %ld 0 %ld\n", o.operations, o.wall, o.cpu, peak, most, o.live,
           status("VmRSS") - base, faults, o.extra);
    return 0;
}
