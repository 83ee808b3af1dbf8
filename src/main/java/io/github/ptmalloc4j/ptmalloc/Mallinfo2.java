package io.github.ptmalloc4j.ptmalloc;

/**
 * The ten numbers of mallinfo2(3), under their own names. Blocks in the tcache, fenceposts and gaps that a foreign sbrk
 * left count as in use, as they do in glibc.
 *
 * @param arena bytes that the arenas got from the system, mmapped chunks not included
 * @param ordblks free chunks in bins, and one top for each arena
 * @param smblks chunks in fast bins
 * @param hblks mmapped chunks
 * @param hblkhd bytes in mmapped chunks
 * @param usmblks always 0
 * @param fsmblks bytes in fast bins
 * @param uordblks bytes in use: {@code arena - fordblks}
 * @param fordblks bytes free, those in fast bins and tops included
 * @param keepcost bytes in the top of the main arena
 */
public record Mallinfo2(
        long arena,
        long ordblks,
        long smblks,
        long hblks,
        long hblkhd,
        long usmblks,
        long fsmblks,
        long uordblks,
        long fordblks,
        long keepcost) {

    /** Field by field. */
    Mallinfo2 plus(Mallinfo2 other) {
        return new Mallinfo2(
                arena + other.arena,
                ordblks + other.ordblks,
                smblks + other.smblks,
                hblks + other.hblks,
                hblkhd + other.hblkhd,
                usmblks + other.usmblks,
                fsmblks + other.fsmblks,
                uordblks + other.uordblks,
                fordblks + other.fordblks,
                keepcost + other.keepcost);
    }
}
