/**
 * {@code ptmalloc4j replay --allocators}: recorded programs on several allocators side by side. Start at
 * {@link io.github.ptmalloc4j.lab.compare.Comparison}; the replay itself runs in other processes, in C ({@code replayer.c}) or in
 * Java ({@link io.github.ptmalloc4j.lab.compare.ReplayProcess}).
 */
package io.github.ptmalloc4j.lab.compare;
