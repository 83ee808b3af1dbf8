/**
 * The ground floor: the only package that makes system calls or touches raw memory. Knows nothing of allocation.
 *
 * <p>{@link io.github.ptmalloc4j.os.Os} is the seam through which everything above asks the kernel for memory, so that a
 * test can let any call fail; {@link io.github.ptmalloc4j.os.Linux} is the real thing.
 * {@link io.github.ptmalloc4j.os.MoreCore} is a break that moves, {@link io.github.ptmalloc4j.os.ProgramBreak} the
 * process's own and {@link io.github.ptmalloc4j.os.PrivateBreak} one inside a reserved range.
 * {@link io.github.ptmalloc4j.os.Memory} reads and writes words at addresses.
 */
package io.github.ptmalloc4j.os;
