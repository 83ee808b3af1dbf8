package io.github.ptmalloc4j.benchmarks;

import java.util.Arrays;
import picocli.CommandLine;

/** The commands that measure: {@code bench} and {@code targets}. */
public final class Main {
    private Main() {}

    /** Runs one and exits with its status. */
    public static void main(String[] args) throws Exception {
        String[] rest = args.length == 0 ? args : Arrays.copyOfRange(args, 1, args.length);
        System.exit(
                switch (args.length == 0 ? "" : args[0]) {
                    case "bench" -> Bench.run(rest);
                    case "targets" -> targets(rest);
                    default -> {
                        System.err.println("ptmalloc4j: the benchmarks have the commands bench and targets");
                        yield 2;
                    }
                });
    }

    private static int targets(String... args) {
        return new CommandLine(new TargetsCommand())
                .setParameterExceptionHandler((e, all) -> {
                    System.err.println("ptmalloc4j: " + e.getMessage() + "; try ptmalloc4j targets --help");
                    return 2;
                })
                .execute(args);
    }
}
