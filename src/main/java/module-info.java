/**
 * ptmalloc2, the allocator of the GNU C library, written in Java over the system calls of Linux on x86-64.
 *
 * <p>Start at {@link io.github.ptmalloc4j.Ptmalloc}. The dependency rule, bottom up: {@code os} makes system calls and
 * touches raw memory and knows nobody; {@code ptmalloc} is the allocator and knows only {@code os}; the root package is
 * what a program uses; {@code verify} reads the kernel's evidence, and nothing depends on it.
 */
module io.github.ptmalloc4j {
    requires static java.management;
    requires static jdk.jfr;

    exports io.github.ptmalloc4j;
    exports io.github.ptmalloc4j.os;
    exports io.github.ptmalloc4j.ptmalloc;
    exports io.github.ptmalloc4j.verify;
}
