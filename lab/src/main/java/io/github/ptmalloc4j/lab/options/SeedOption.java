package io.github.ptmalloc4j.lab.options;

import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.Option;

/** {@code --seed} of a command that makes random choices. */
public final class SeedOption {
    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Make the same random choices again (default: another number each time; it is printed).")
    private Long seed;

    /** What was given, else a number below 2³² that is another one each time. */
    public long choose() {
        return seed != null ? seed : ThreadLocalRandom.current().nextLong(1L << 32);
    }
}
