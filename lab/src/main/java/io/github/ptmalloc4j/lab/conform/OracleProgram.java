package io.github.ptmalloc4j.lab.conform;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where the oracle's program lies, or how it comes to be. */
public final class OracleProgram {
    /** The project's directory, set by the launcher. */
    private static final String HOME = "ptmalloc4j.home";
    /** The program itself, for those who have it elsewhere. */
    private static final String PROGRAM = "ptmalloc4j.oracle";

    private static final Path SOURCE = Path.of("native-tests", "src", "main", "c", "oracle.c");
    private static final Path TARGET = Path.of("native-tests", "target", "native", "oracle");

    private OracleProgram() {}

    /**
     * The program: what the system property {@code ptmalloc4j.oracle} names, or what the build made, or, if that is missing
     * or older than its source, a fresh compilation.
     *
     * @throws IOException whose message is one sentence, if there is none and none can be made
     */
    public static Path find() throws IOException {
        String named = System.getProperty(PROGRAM);
        if (named != null) {
            return Path.of(named);
        }
        Path home = home();
        if (home == null) {
            throw new IOException("the oracle's source, " + SOURCE + ", is nowhere above the current directory");
        }
        Path program = home.resolve(TARGET);
        if (!upToDate(program, home.resolve(SOURCE))) {
            compile(home.resolve(SOURCE), program);
        }
        return program;
    }

    /** The directory of the project, or null if this runs outside of it. */
    static Path home() {
        List<Path> starts = new ArrayList<>();
        if (System.getProperty(HOME) != null) {
            starts.add(Path.of(System.getProperty(HOME)));
        }
        starts.add(Path.of(""));
        try {
            starts.add(Path.of(OracleProgram.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI()));
        } catch (URISyntaxException e) {
            // No path then; the other places remain.
        }
        for (Path start : starts) {
            for (Path up = start.toAbsolutePath(); up != null; up = up.getParent()) {
                if (Files.exists(up.resolve(SOURCE))) {
                    return up;
                }
            }
        }
        return null;
    }

    private static boolean upToDate(Path program, Path source) throws IOException {
        return Files.isExecutable(program)
                && Files.getLastModifiedTime(program).compareTo(Files.getLastModifiedTime(source)) >= 0;
    }

    private static void compile(Path source, Path program) throws IOException {
        Files.createDirectories(program.getParent());
        Process gcc;
        try {
            gcc = new ProcessBuilder("gcc", "-O2", "-std=gnu11", source.toString(), "-o", program.toString())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            throw new IOException("gcc is needed to compile the oracle, and cannot be started", e);
        }
        String said = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (gcc.waitFor() != 0) {
                throw new IOException("gcc cannot compile the oracle: " + said.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while gcc compiled the oracle", e);
        }
    }
}
