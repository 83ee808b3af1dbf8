/**
 * The self-checking mixes: many threads on one heap, every block filled with a pattern of its owner.
 *
 * <p>Read {@link io.github.ptmalloc4j.lab.stress.Mix} first, the list of what threads do to each other; then
 * {@link io.github.ptmalloc4j.lab.stress.Worker}, which makes the calls and checks what comes back.
 */
package io.github.ptmalloc4j.lab.stress;
