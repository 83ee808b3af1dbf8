package io.github.ptmalloc4j.lab.verify;

import java.io.Console;
import java.util.List;

/** A line on the terminal that says what is being waited for; nothing where there is no terminal. */
final class Progress {
    private final List<Claim> claims;
    private final boolean terminal;
    private int done;

    Progress(List<Claim> claims) {
        this.claims = claims;
        Console console = System.console();
        this.terminal = console != null && console.isTerminal();
    }

    void begin() {
        if (terminal && done < claims.size()) {
            System.err.print(
                    "    proving claim %d ...".formatted(claims.get(done).number()));
            System.err.flush();
        }
    }

    /** Wipes the line: something else is to be printed there. */
    void erase() {
        if (terminal) {
            System.err.print("\r\033[K");
            System.err.flush();
        }
    }

    void next() {
        done++;
        begin();
    }
}
