/** Support for JUnit: a test that leaks memory of a heap fails. */
package io.github.ptmalloc4j.junit;
