package io.github.ptmalloc4j.lab.options;

import picocli.CommandLine.Option;

/** {@code --help} of a command. */
public final class HelpOption {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Explain this command.")
    private boolean help;
}
