package io.github.ptmalloc4j.lab.compare;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The replayer in C: compiled by gcc when it is first needed, and kept in the user's cache under a name made of its source. */
final class Replayer {
    private static final String SOURCE = "replayer.c";
    private static final int NAME_DIGITS = 16;

    private Replayer() {}

    /**
     * The program, compiled if need be.
     *
     * @param cache the directory for it, made if it is missing
     * @param compiler the program to compile with
     * @throws IOException whose message is one sentence, if it cannot be compiled
     */
    static Path compiled(Path cache, String compiler) throws IOException {
        byte[] source = source();
        Path program = cache.resolve("replayer-" + digest(source));
        if (!Files.isExecutable(program)) {
            Files.createDirectories(cache);
            Path fresh = Files.createTempFile(cache, "replayer", ".new");
            try {
                compile(compiler, source, fresh);
                Files.move(fresh, program, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(fresh);
            }
        }
        return program;
    }

    /** Where compiled programs are kept: {@code $XDG_CACHE_HOME/ptmalloc4j}, or {@code ~/.cache/ptmalloc4j}. */
    static Path cache() {
        String named = System.getenv("XDG_CACHE_HOME");
        Path base =
                named == null || named.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(named);
        return Files.isWritable(base) || Files.isWritable(base.toAbsolutePath().getParent())
                ? base.resolve("ptmalloc4j")
                : Path.of(System.getProperty("java.io.tmpdir"), "ptmalloc4j-" + System.getProperty("user.name"));
    }

    private static byte[] source() throws IOException {
        try (InputStream in = Replayer.class.getResourceAsStream(SOURCE)) {
            return in.readAllBytes();
        }
    }

    private static String digest(byte[] source) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(source);
            return HexFormat.of().formatHex(digest).substring(0, NAME_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    private static void compile(String compiler, byte[] source, Path program) throws IOException {
        Process gcc;
        try {
            // -fno-builtin: a malloc whose block is freed at once must not be optimised away.
            gcc = new ProcessBuilder(
                            compiler,
                            "-O2",
                            "-std=gnu11",
                            "-fno-builtin",
                            "-pthread",
                            "-x",
                            "c",
                            "-",
                            "-o",
                            program.toString(),
                            "-ldl")
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            throw new IOException(
                    "the replayer in C needs " + compiler + ", which is not installed (apt-get install gcc libc6-dev)",
                    e);
        }
        try (var in = gcc.getOutputStream()) {
            in.write(source);
        } catch (IOException e) {
            // It ended before it had read all; what it said follows.
        }
        String said = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (gcc.waitFor() != 0) {
                throw new IOException(compiler + " cannot compile the replayer in C: " + firstLine(said));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + compiler + " compiled the replayer", e);
        }
    }

    private static String firstLine(String text) {
        return text.lines().filter(line -> !line.isBlank()).findFirst().orElse("it does not say why");
    }
}
