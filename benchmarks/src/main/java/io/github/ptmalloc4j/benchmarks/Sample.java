package io.github.ptmalloc4j.benchmarks;

/**
 * What one run of one workload cost.
 *
 * @param column who ran it: {@link SideBySide#C}, {@code C} and a native allocator, or an allocator in Java
 * @param operations blocks
 * @param wallNanos for all of them
 * @param cpuNanos of all threads
 * @param peakBytes resident at most, beyond what was resident before
 * @param arenaBytes what the arenas had of the system at most
 * @param liveBytes asked for and not freed, at most; 0 where not counted
 * @param afterBytes resident after everything was freed and the time to idle has passed, beyond what was resident before
 * @param faults minor page faults of the process meanwhile
 * @param javaBytes of the Java heap that the working threads took
 * @param extra a number of the workload's own
 */
record Sample(
        String row,
        String column,
        long operations,
        long wallNanos,
        long cpuNanos,
        long peakBytes,
        long arenaBytes,
        long liveBytes,
        long afterBytes,
        long faults,
        long javaBytes,
        long extra) {
    static final String CSV_HEADER =
            "row,column,operations,wall_ns,cpu_ns,peak_bytes,arena_bytes,live_bytes,after_bytes,minor_faults,java_bytes,extra";

    static Sample parse(String row, String column, String line) {
        String[] n = line.strip().split(" ");
        if (n.length != 10) {
            throw new IllegalStateException(row + " on " + column + " printed " + line);
        }
        long[] v = new long[10];
        for (int i = 0; i < 10; i++) {
            v[i] = Long.parseLong(n[i]);
        }
        return new Sample(row, column, v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9]);
    }

    double wallPerOperation() {
        return (double) wallNanos / operations;
    }

    double cpuPerOperation() {
        return (double) cpuNanos / operations;
    }

    String csv() {
        return String.join(
                ",",
                row,
                "\"" + column + "\"",
                Long.toString(operations),
                Long.toString(wallNanos),
                Long.toString(cpuNanos),
                Long.toString(peakBytes),
                Long.toString(arenaBytes),
                Long.toString(liveBytes),
                Long.toString(afterBytes),
                Long.toString(faults),
                Long.toString(javaBytes),
                Long.toString(extra));
    }
}
