package io.github.ptmalloc4j.ptmalloc;

import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.StressOptions;

/** How long Lincheck looks: seconds in the build, minutes with {@code -Dptmalloc4j.long=true}. */
final class Models {
    static final boolean LONG = Boolean.getBoolean("ptmalloc4j.long");

    private Models() {}

    /** Interleavings of short scenarios of two threads. */
    static void checkInterleavings(Class<?> model) {
        new ModelCheckingOptions()
                .iterations(LONG ? 100 : 5)
                .invocationsPerIteration(LONG ? 10_000 : 100)
                .threads(2)
                .actorsPerThread(3)
                .actorsBefore(1)
                .actorsAfter(1)
                .check(model);
    }

    /** Real threads, as the machine runs them. */
    static void stress(Class<?> model) {
        new StressOptions()
                .iterations(LONG ? 200 : 5)
                .invocationsPerIteration(LONG ? 20_000 : 500)
                .threads(3)
                .actorsPerThread(3)
                .actorsBefore(1)
                .actorsAfter(1)
                .check(model);
    }
}
