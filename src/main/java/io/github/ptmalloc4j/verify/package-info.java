/**
 * The kernel's own evidence, read from /proc and from fault counters. Nothing depends on this package.
 *
 * <p>Every class here is a witness: it reads and never changes anything. What an allocator reports about itself is held
 * against what the witnesses saw.
 *
 * <ul>
 *   <li>{@link io.github.ptmalloc4j.verify.Maps}: which addresses are mapped, with which permissions and names
 *   <li>{@link io.github.ptmalloc4j.verify.Pagemap}: which pages of a range are resident, exactly
 *   <li>{@link io.github.ptmalloc4j.verify.PageFlags}: what the kernel knows of a page frame (root only)
 *   <li>{@link io.github.ptmalloc4j.verify.Smaps}: sums over whole mappings, such as huge pages
 *   <li>{@link io.github.ptmalloc4j.verify.Faults}: minor page faults of the calling thread, from two counters
 *   <li>{@link io.github.ptmalloc4j.verify.Status}: sizes of the process as a whole
 * </ul>
 *
 * <p>The program break has its witness in {@code Linux.KERNEL.sbrk(0)}. A file of /proc that cannot be read is an
 * {@link java.io.UncheckedIOException}, except where a class says how to ask first.
 */
package io.github.ptmalloc4j.verify;
