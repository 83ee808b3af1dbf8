package io.github.ptmalloc4j.lab.options;

import picocli.CommandLine.Option;

/** {@code --tunables} of a command that makes a heap. */
public final class TunablesOption {
    /** The option's name. */
    public static final String NAME = "--tunables";
    /** How its value is named where it is explained. */
    public static final String LABEL = "NAME=VALUE:…";

    @Option(
            names = NAME,
            paramLabel = LABEL,
            converter = HeapSettings.Converter.class,
            description = "The heap's settings in the form of GLIBC_TUNABLES; glibc.malloc. may be left out.")
    private HeapSettings settings;

    /** Whether the option was given. */
    public boolean isGiven() {
        return settings != null;
    }

    /** What was given, else glibc's defaults. */
    public HeapSettings settings() {
        return isGiven() ? settings : HeapSettings.DEFAULT;
    }
}
