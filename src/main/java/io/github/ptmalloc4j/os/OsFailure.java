package io.github.ptmalloc4j.os;

/**
 * The kernel refused a call for a reason other than a lack of memory. That is a defect (of this library, or of a process
 * whose mappings somebody else has changed), never an ordinary outcome; the message has the call, its arguments and errno.
 */
public final class OsFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int errno;

    /**
     * A failed call.
     *
     * @param call the call with its arguments
     * @param errno the number that the kernel gave
     */
    public OsFailure(String call, int errno) {
        super(call + " failed with errno " + errno);
        this.errno = errno;
    }

    /** The number that the kernel gave, as in errno(3). */
    public int errno() {
        return errno;
    }
}
