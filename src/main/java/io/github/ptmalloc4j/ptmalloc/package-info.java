/**
 * The allocator: glibc 2.36's ptmalloc2, room by room under the names that the literature uses. Knows addresses and
 * {@code os}, nothing else.
 *
 * <p>Reading order, bottom up:
 *
 * <ol>
 *   <li>{@code Chunk}: the header of a piece of memory; {@code RequestSize}: from what is asked for to what is cut.
 *   <li>{@code Bins}, {@code Binmap}, {@code Fastbins}, {@code Tcache}, {@code TransferCache}: where free chunks wait.
 *   <li>{@code MallocState}: an arena; {@code MallocPar}: what holds for all arenas of a heap; {@code HeapInfo}: where an
 *       arena other than the main one lives.
 *   <li>{@code ArenaMalloc}, {@code ArenaFree}, {@code ArenaRealloc}, {@code ArenaMemalign}: the algorithms.
 *   <li>{@code Sysmalloc}, {@code Systrim}, {@code HeapTrim}, {@code MmappedChunk}: memory from the kernel and back.
 *   <li>{@code Arenas}, {@code Threads}, {@code ArenaLock}: which arena serves which thread.
 *   <li>{@link io.github.ptmalloc4j.ptmalloc.Malloc}: the calls of malloc(3); {@code SealedMalloc} and
 *       {@code LinkedMalloc}: the same for blocks that are recognised, or freed together.
 * </ol>
 *
 * <p>Everywhere {@code p} is the address of a chunk, {@code mem} what the user holds ({@code p + 16}), {@code nb} the size of
 * a chunk in bytes, {@code bytes} what the user asked for, {@code av} an arena and {@code mp} the parameters.
 */
package io.github.ptmalloc4j.ptmalloc;
