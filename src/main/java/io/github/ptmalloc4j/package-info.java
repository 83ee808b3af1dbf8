/**
 * What a program uses: {@link io.github.ptmalloc4j.Ptmalloc}, a heap with the calls of malloc(3).
 */
package io.github.ptmalloc4j;
