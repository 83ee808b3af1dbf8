/** Options of the command line that several commands have. */
package io.github.ptmalloc4j.lab.options;
