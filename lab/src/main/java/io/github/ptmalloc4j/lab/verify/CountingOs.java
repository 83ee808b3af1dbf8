package io.github.ptmalloc4j.lab.verify;

import io.github.ptmalloc4j.lab.kernel.ForwardingOs;
import io.github.ptmalloc4j.os.Linux;
import java.util.ArrayList;
import java.util.List;

/**
 * The kernel, with a list of what was asked of it. An engine that is given this object has no other way to the kernel.
 */
final class CountingOs extends ForwardingOs {
    /** A call: its name and whether it was refused. */
    private record Call(String name, boolean refused) {}

    private final List<Call> calls = new ArrayList<>();

    CountingOs() {
        super(Linux.KERNEL);
    }

    /** Begins a new list. */
    void forget() {
        calls.clear();
    }

    /** How many calls there were. */
    long count() {
        return calls.size();
    }

    /** The names of all calls in order, joined by commas; {@code none} if there were none. */
    String names() {
        return join(calls);
    }

    /** The same of those that the kernel refused. */
    String refused() {
        return join(calls.stream().filter(Call::refused).toList());
    }

    private static String join(List<Call> calls) {
        return calls.isEmpty()
                ? "none"
                : String.join(", ", calls.stream().map(Call::name).toList());
    }

    @Override
    protected void called(String name, boolean refused) {
        calls.add(new Call(name, refused));
    }
}
