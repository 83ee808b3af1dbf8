package io.github.ptmalloc4j.ptmalloc;

/**
 * The settings of one heap, under the names that glibc gives them in {@code GLIBC_TUNABLES} and with its units, defaults
 * and ranges. Values that glibc takes as {@code size_t} may use all 64 bits: −1 is the largest. Checked when made:
 * {@link IllegalArgumentException} with one sentence.
 *
 * <p>Start from {@link #GLIBC} and change what you need: {@code Tunables.builder().tcacheCount(0).perturb(0xaa).build()}.
 *
 * @param mmapThreshold chunk bytes from which a request that no free chunk satisfies gets a mapping of its own; 131072,
 *     moving upwards while {@code dynamicThresholds}
 * @param trimThreshold bytes of top from which a free gives memory back to the system; 131072, moving with the mmap
 *     threshold; −1 never
 * @param topPad bytes asked of the system beyond the need, and kept when trimming; 131072
 * @param mmapMax mappings that may exist at a time; 65536; 0 gives none for reasons of size
 * @param dynamicThresholds whether freeing an mmapped chunk raises the mmap and trim thresholds; true, and false as soon as
 *     one of the four values above is set by hand
 * @param mxfast request bytes up to which freed chunks go to fast bins; 0 to 160; 128
 * @param tcacheCount chunks that a thread may cache a bin; 0 to 65535; 7; 0 caches none
 * @param tcacheMax request bytes up to which chunks are cached; 0 to 4194304; 1032; with larger values, which glibc allows from
 *     2.42 on, requests above 1032 bytes are rounded up by an eighth at most
 * @param tcacheUnsortedLimit unsorted chunks that a request looks at when it already has one in the cache; 0, no limit
 * @param perturb a byte to fill freed memory with, its complement for allocated memory; 0 to 255; 0 fills nothing
 * @param arenaTest arenas from which on the limit is computed from the number of CPUs; 8
 * @param arenaMax arenas at most; 0, eight times the CPUs
 * @param hugetlb 0 none; 1 advises transparent huge pages; 2 takes pages of the system's huge-page pool; any larger value
 *     is the size of the pool's pages in bytes, a power of two; 2 and more keep the main arena off the break
 * @param check 0 none; 1 to 3 verify all invariants of the heap around each call that reaches an arena (slow)
 * @param remoteFrees whether a free may leave a block to an arena that another thread has locked, instead of waiting; not in
 *     glibc; false
 * @param tcacheFlush chunks of its size that a thread's cache gives back to the arenas at once when one more is freed than it may
 *     hold, or all that it holds; 0 to 65535; not in glibc; 0, that one alone
 * @param tcacheTransfer bytes that may wait for other threads' caches when a cache has too many of a size, instead of going to the
 *     arenas; 0 and more; not in glibc; 0, none
 * @param purgeMillis milliseconds after which idle caches and free memory go back to the system by themselves; not in glibc;
 *     0, never
 */
public record Tunables(
        long mmapThreshold,
        long trimThreshold,
        long topPad,
        int mmapMax,
        boolean dynamicThresholds,
        int mxfast,
        int tcacheCount,
        int tcacheMax,
        long tcacheUnsortedLimit,
        int perturb,
        long arenaTest,
        long arenaMax,
        long hugetlb,
        int check,
        boolean remoteFrees,
        int tcacheFlush,
        long tcacheTransfer,
        long purgeMillis) {

    /** What glibc 2.36 does when nobody sets anything. */
    public static final Tunables GLIBC =
            new Tunables(131072, 131072, 131072, 65536, true, 128, 7, 1032, 0, 0, 8, 0, 0, 0, false, 0, 0, 0);

    /**
     * What a service wants: arenas by the CPUs that the container really has, caches that hold a batch and buffers of up to 64 KiB,
     * and pass to other threads what these lack, and what is idle back to the system within a second or two. Chosen by
     * measurement; see {@code benchmarks/README.md}.
     */
    public static Tunables service() {
        return builder()
                .arenaMax(Runtime.getRuntime().availableProcessors() + 1)
                .tcacheCount(128)
                .tcacheFlush(64)
                .tcacheMax(64 << 10)
                .tcacheTransfer(8 << 20)
                .purgeMillis(1000)
                .build();
    }

    private static final String PREFIX = "glibc.malloc.";

    /** Checks the ranges. */
    public Tunables {
        require(mmapMax >= 0, "mmap_max", "0 or more", mmapMax);
        require(mxfast >= 0 && mxfast <= 160, "mxfast", "0 to 160 bytes", mxfast);
        require(tcacheCount >= 0 && tcacheCount <= 65535, "tcache_count", "0 to 65535", tcacheCount);
        require(tcacheMax >= 0 && tcacheMax <= 4 << 20, "tcache_max", "0 to 4194304 bytes", tcacheMax);
        require(perturb >= 0 && perturb <= 255, "perturb", "0 to 255", perturb);
        require(arenaTest >= 1, "arena_test", "1 or more", arenaTest);
        require(arenaMax >= 0, "arena_max", "0 or more", arenaMax);
        require(
                hugetlb >= 0 && (hugetlb <= 2 || hugetlb >= 4096 && Long.bitCount(hugetlb) == 1),
                "hugetlb",
                "0, 1, 2 or a power of two from 4096 on",
                hugetlb);
        require(check >= 0 && check <= 3, "check", "0 to 3", check);
        require(tcacheFlush >= 0 && tcacheFlush <= 65535, "tcache_flush", "0 to 65535", tcacheFlush);
        require(tcacheTransfer >= 0, "tcache_transfer", "0 or more", tcacheTransfer);
        require(purgeMillis >= 0, "purge_millis", "0 or more", purgeMillis);
    }

    private static void require(boolean holds, String name, String range, long value) {
        if (!holds) {
            throw new IllegalArgumentException(PREFIX + name + " must be " + range + ", not " + value);
        }
    }

    /** glibc's values, to be changed one by one. */
    public static Builder builder() {
        return GLIBC.toBuilder();
    }

    /** These values, to be changed one by one. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /**
     * Reads the form that glibc reads from the environment: {@code glibc.malloc.NAME=VALUE}, joined by colons; the prefix
     * may be left out. Numbers are decimal, or hexadecimal after {@code 0x}.
     *
     * @throws IllegalArgumentException for a name that glibc's malloc does not have, or a value out of its range
     */
    public static Tunables parse(String text) {
        Builder builder = builder();
        for (String setting : text.split(":")) {
            if (!setting.isBlank()) {
                builder.set(setting.strip());
            }
        }
        return builder.build();
    }

    /** Collects settings; each setter takes what the record's component of that name takes. */
    public static final class Builder {
        private long mmapThreshold;
        private long trimThreshold;
        private long topPad;
        private int mmapMax;
        private boolean dynamicThresholds;
        private int mxfast;
        private int tcacheCount;
        private int tcacheMax;
        private long tcacheUnsortedLimit;
        private int perturb;
        private long arenaTest;
        private long arenaMax;
        private long hugetlb;
        private int check;
        private boolean remoteFrees;
        private int tcacheFlush;
        private long tcacheTransfer;
        private long purgeMillis;

        private Builder(Tunables from) {
            mmapThreshold = from.mmapThreshold;
            trimThreshold = from.trimThreshold;
            topPad = from.topPad;
            mmapMax = from.mmapMax;
            dynamicThresholds = from.dynamicThresholds;
            mxfast = from.mxfast;
            tcacheCount = from.tcacheCount;
            tcacheMax = from.tcacheMax;
            tcacheUnsortedLimit = from.tcacheUnsortedLimit;
            perturb = from.perturb;
            arenaTest = from.arenaTest;
            arenaMax = from.arenaMax;
            hugetlb = from.hugetlb;
            check = from.check;
            remoteFrees = from.remoteFrees;
            tcacheFlush = from.tcacheFlush;
            tcacheTransfer = from.tcacheTransfer;
            purgeMillis = from.purgeMillis;
        }

        /** Chunk bytes from which a request gets a mapping of its own; ends the dynamic thresholds. */
        public Builder mmapThreshold(long value) {
            mmapThreshold = value;
            dynamicThresholds = false;
            return this;
        }

        /** Bytes of top from which a free trims, −1 never; ends the dynamic thresholds. */
        public Builder trimThreshold(long value) {
            trimThreshold = value;
            dynamicThresholds = false;
            return this;
        }

        /** Bytes asked of the system beyond the need; ends the dynamic thresholds. */
        public Builder topPad(long value) {
            topPad = value;
            dynamicThresholds = false;
            return this;
        }

        /** Mappings that may exist at a time; ends the dynamic thresholds. */
        public Builder mmapMax(int value) {
            mmapMax = value;
            dynamicThresholds = false;
            return this;
        }

        /** Whether freeing an mmapped chunk raises the mmap and trim thresholds. */
        public Builder dynamicThresholds(boolean value) {
            dynamicThresholds = value;
            return this;
        }

        /** Request bytes up to which freed chunks go to fast bins. */
        public Builder mxfast(int value) {
            mxfast = value;
            return this;
        }

        /** Chunks that a thread may cache a bin. */
        public Builder tcacheCount(int value) {
            tcacheCount = value;
            return this;
        }

        /** Request bytes up to which chunks are cached. */
        public Builder tcacheMax(int value) {
            tcacheMax = value;
            return this;
        }

        /** Unsorted chunks looked at once one is cached; 0, no limit. */
        public Builder tcacheUnsortedLimit(long value) {
            tcacheUnsortedLimit = value;
            return this;
        }

        /** The byte to fill freed memory with; 0 fills nothing. */
        public Builder perturb(int value) {
            perturb = value;
            return this;
        }

        /** Arenas from which on the limit is computed. */
        public Builder arenaTest(long value) {
            arenaTest = value;
            return this;
        }

        /** Arenas at most; 0, eight times the CPUs. */
        public Builder arenaMax(long value) {
            arenaMax = value;
            return this;
        }

        /** Huge pages: 0 none, 1 transparent, 2 the pool, or the size of its pages. */
        public Builder hugetlb(long value) {
            hugetlb = value;
            return this;
        }

        /** Above 0, verify the whole heap around each call that reaches an arena. */
        public Builder check(int value) {
            check = value;
            return this;
        }

        /** Whether a free may leave a block to a busy arena. */
        public Builder remoteFrees(boolean value) {
            remoteFrees = value;
            return this;
        }

        /** Chunks that a full cache gives back at once; 0, only the one that is freed. */
        public Builder tcacheFlush(int value) {
            tcacheFlush = value;
            return this;
        }

        /** Bytes that may wait for other threads' caches; 0, none. */
        public Builder tcacheTransfer(long value) {
            tcacheTransfer = value;
            return this;
        }

        /** Milliseconds of idling after which memory goes back; 0, never. */
        public Builder purgeMillis(long value) {
            purgeMillis = value;
            return this;
        }

        private void set(String setting) {
            int equals = setting.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("a tunable is NAME=VALUE, not " + setting);
            }
            String name = setting.substring(0, equals);
            long value = number(name, setting.substring(equals + 1));
            switch (name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name) {
                case "mmap_threshold" -> mmapThreshold(value);
                case "trim_threshold" -> trimThreshold(value);
                case "top_pad" -> topPad(value);
                case "mmap_max" -> mmapMax(narrow(name, value));
                case "mxfast" -> mxfast(narrow(name, value));
                case "tcache_count" -> tcacheCount(narrow(name, value));
                case "tcache_max" -> tcacheMax(narrow(name, value));
                case "tcache_unsorted_limit" -> tcacheUnsortedLimit(value);
                case "perturb" -> perturb(narrow(name, value));
                case "arena_test" -> arenaTest(value);
                case "arena_max" -> arenaMax(value);
                case "hugetlb" -> hugetlb(value);
                case "check" -> check(narrow(name, value));
                case "remote_frees" -> remoteFrees(value != 0);
                case "tcache_flush" -> tcacheFlush(narrow(name, value));
                case "tcache_transfer" -> tcacheTransfer(value);
                case "purge_millis" -> purgeMillis(value);
                default -> throw new IllegalArgumentException("glibc's malloc has no tunable " + name);
            }
        }

        private static long number(String name, String value) {
            try {
                if (value.startsWith("0x")) {
                    return Long.parseUnsignedLong(value.substring(2), 16);
                }
                return value.startsWith("-") ? Long.parseLong(value) : Long.parseUnsignedLong(value);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("the value of " + name + " is not a number: " + value, e);
            }
        }

        private static int narrow(String name, long value) {
            if (value != (int) value) {
                throw new IllegalArgumentException("the value of " + name + " is out of range: " + value);
            }
            return (int) value;
        }

        /** The record, checked. */
        public Tunables build() {
            return new Tunables(
                    mmapThreshold,
                    trimThreshold,
                    topPad,
                    mmapMax,
                    dynamicThresholds,
                    mxfast,
                    tcacheCount,
                    tcacheMax,
                    tcacheUnsortedLimit,
                    perturb,
                    arenaTest,
                    arenaMax,
                    hugetlb,
                    check,
                    remoteFrees,
                    tcacheFlush,
                    tcacheTransfer,
                    purgeMillis);
        }
    }
}
