package io.github.ptmalloc4j.benchmarks.allocators;

/**
 * An allocator as the workloads see it. {@link Allocators#open} makes one by its name.
 *
 * <p>A process that measures opens one allocator only: then one class implements each of the methods below, and the JIT
 * inlines through them as if they were not there.
 */
public interface Allocator extends AutoCloseable {
    /**
     * Allocates, writes the first byte, frees.
     *
     * @param bytes at least 1
     * @throws OutOfMemoryError if there is no memory
     */
    void pair(long bytes);

    /** Room for blocks of this allocator. */
    Blocks blocks(int slots);

    /** Bytes that the arenas together had of the system at most; 0 if the allocator does not say. */
    default long arenaBytesMax() {
        return 0;
    }

    /** Bytes that the allocator has of the system now; 0 if it does not say. */
    default long systemBytes() {
        return 0;
    }

    /** Gives back what can be given back. All blocks must be free. */
    @Override
    void close();
}
