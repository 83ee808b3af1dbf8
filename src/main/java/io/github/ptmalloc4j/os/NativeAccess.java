package io.github.ptmalloc4j.os;

import java.lang.foreign.MemorySegment;

/** Whether this JVM lets the library call the system and touch memory. */
public final class NativeAccess {
    private NativeAccess() {}

    /**
     * Asks for it. A JVM that only warns does so once, with a text of its own that says the same.
     *
     * @throws IllegalStateException if it is denied; the message says what the JVM must be started with
     */
    @SuppressWarnings("restricted")
    public static void require() {
        try {
            MemorySegment.NULL.reinterpret(1);
        } catch (IllegalCallerException e) {
            Module module = NativeAccess.class.getModule();
            String name = module.isNamed() ? module.getName() : "ALL-UNNAMED";
            throw new IllegalStateException(
                    "ptmalloc4j may not call native functions: start the JVM with --enable-native-access=" + name, e);
        }
    }
}
