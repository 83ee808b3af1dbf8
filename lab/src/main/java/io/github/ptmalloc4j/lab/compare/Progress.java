package io.github.ptmalloc4j.lab.compare;

/** Told how a comparison goes on. */
public interface Progress extends AutoCloseable {
    /** Nobody is told. */
    Progress NONE = new Progress() {
        @Override
        public void at(String what, double part) {}

        @Override
        public void close() {}
    };

    /** What is being done now, and which part of the work is done, 0 to 1. */
    void at(String what, double part);

    @Override
    void close();
}
