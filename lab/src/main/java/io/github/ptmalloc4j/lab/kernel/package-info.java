/** The kernel, watched or led astray on its way to the engine. */
package io.github.ptmalloc4j.lab.kernel;
