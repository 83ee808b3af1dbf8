/**
 * The verifier: twenty claims about the heap, each proved in a fresh JVM with the kernel's own evidence.
 *
 * <p>Read {@link io.github.ptmalloc4j.lab.verify.Claims} first, the list of what is claimed; then one claim, for
 * instance {@link io.github.ptmalloc4j.lab.verify.DemandPaging}. A claim drives a heap, asks the witnesses, and hands
 * each number to {@link io.github.ptmalloc4j.lab.verify.Evidence} together with the number that the rules give, which
 * {@link io.github.ptmalloc4j.lab.verify.Rules} computes. {@link io.github.ptmalloc4j.lab.verify.Verifier} starts the
 * children, {@link io.github.ptmalloc4j.lab.verify.ClaimProcess} is what runs in one.
 */
package io.github.ptmalloc4j.lab.verify;
