/**
 * The allocators that are compared, behind one small interface.
 *
 * <p>A further one is a subclass of {@code AddressAllocator} or {@code HandleAllocator} and a name in
 * {@link io.github.ptmalloc4j.benchmarks.allocators.Allocators}.
 */
package io.github.ptmalloc4j.benchmarks.allocators;
