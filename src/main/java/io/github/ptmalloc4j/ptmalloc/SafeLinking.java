package io.github.ptmalloc4j.ptmalloc;

import static io.github.ptmalloc4j.os.Memory.getLong;
import static io.github.ptmalloc4j.os.Memory.putLong;

/**
 * Links of singly linked lists, stored mixed with the page number of where they are stored (since glibc 2.32).
 *
 * <pre>
 *   stored = (address of the link &gt;&gt; 12) ^ target
 * </pre>
 *
 * <p>Whoever overwrites a link without knowing where the heap lies gets a target that is, 15 times out of 16, not aligned,
 * and that is noticed. List heads are stored as they are.
 */
final class SafeLinking {
    private SafeLinking() {}

    /** Stores a link to {@code target} at {@code field}. */
    static void protect(long field, long target) {
        putLong(field, mixed(field, target));
    }

    /** Where the link stored at {@code field} leads. */
    static long reveal(long field) {
        return mixed(field, getLong(field));
    }

    /** From target to what is stored at {@code field}, and back. */
    static long mixed(long field, long word) {
        return field >>> 12 ^ word;
    }
}
