package io.github.ptmalloc4j.lab.compare;

import java.util.concurrent.atomic.AtomicLongArray;

/** Makes the calls and touches nothing. */
final class TimedPlayer extends Player {
    TimedPlayer(Script script, int thread, Blocks blocks, AtomicLongArray made) {
        super(script, thread, blocks, made);
    }

    @Override
    void step(int code, int i) {
        call(code, i);
    }

    @Override
    void sample(int number) {}
}
