package io.github.ptmalloc4j.lab.verify;

/** Who saw a number. */
public enum Witness {
    /** Which addresses are mapped. */
    MAPS("maps", "/proc/self/maps"),
    /** Which pages are resident. */
    PAGEMAP("pagemap", "/proc/self/pagemap, one word a page"),
    /** What kind of page frame it is. */
    KPAGEFLAGS("kpageflags", "/proc/kpageflags, for root only"),
    /** Sums over mappings. */
    SMAPS("smaps", "/proc/self/smaps"),
    /** Faults of this thread. */
    RUSAGE("getrusage", "minor faults of the thread: getrusage(RUSAGE_THREAD)"),
    /** Faults of this thread once more. */
    STAT("thread stat", "minor faults of the thread: /proc/thread-self/stat"),
    /** Where the program break is. */
    SBRK("sbrk(0)", "the program break, asked of the C library"),
    /** What the engine asked of the kernel. */
    SYSTEM_CALLS("system calls", "every call of the engine to the kernel goes through one object, which counted them"),
    /** What a direct call gave back. */
    KERNEL("kernel", "the answer to a system call of the proof itself"),
    /** Bytes read back, or a chunk's header. */
    MEMORY("memory", "bytes and words read back"),
    /** What the heap says of itself. */
    HEAP("the heap", "what malloc returned, mallinfo2 and the walk over the chunks");

    private final String label;
    private final String source;

    Witness(String label, String source) {
        this.label = label;
        this.source = source;
    }

    /** A short name for a table. */
    public String label() {
        return label;
    }

    /** Where the number comes from. */
    public String source() {
        return source;
    }
}
