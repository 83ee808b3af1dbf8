package io.github.ptmalloc4j.lab.conform;

import java.util.SplittableRandom;

/**
 * Has a sequence performed by several threads in turns. Who allocates a block and who frees it is mostly chance, so all free
 * each other's; they end now and then, one by one or all together, and their successors take over. Some sequences meet times
 * in which the system has no memory to give.
 */
final class Turns {
    /** Each thread that ends needs one more on the other side, all of which exist from the start. */
    private static final int MOST_EXITS = 200;

    private static final int[] TURN_LENGTHS = {1, 3, 10, 40};

    private final SplittableRandom random;
    private final int threads;
    private final int turnLength;
    /** Of 100 turns, how many go to the thread that the block's number stands for. */
    private final int loyal;
    /** Of 1,000 turns, how many end with the end of the thread. */
    private final int exits;
    /** Of 10,000 operations, before how many the system runs out of memory. */
    private final int shortages;

    private final Operations operations = new Operations();
    private int exited;
    private int shortFor;

    private Turns(long seed, int threads, int length) {
        this.random = new SplittableRandom(seed);
        this.threads = threads;
        this.turnLength = TURN_LENGTHS[random.nextInt(TURN_LENGTHS.length)];
        this.loyal = random.nextInt(3) * 45;
        int turns = length / turnLength + 1;
        this.exits = Math.min(100, MOST_EXITS * 1000 / turns);
        this.shortages = random.nextInt(3) == 0 ? 50 : 0;
    }

    /** The same calls, by so many threads, the main one included; number 0. */
    static Operations distribute(long seed, Operations calls, int threads) {
        Turns turns = new Turns(seed, threads, calls.size());
        turns.fill(calls);
        return turns.operations;
    }

    private void fill(Operations calls) {
        for (int i = 0; i < calls.size(); i++) {
            // At the start, and then by chance.
            if (i == 0 || random.nextInt(turnLength) == 0) {
                endThreads();
                boolean owner = random.nextInt(100) < loyal && Operations.takesId(calls.call(i));
                turn(owner ? calls.id(i) % threads : random.nextInt(threads));
            }
            changeShortage();
            operations.add(calls.call(i), calls.id(i), calls.first(i), calls.second(i));
        }
    }

    private void turn(int thread) {
        operations.add(Operations.TURN, 0, thread, 0);
    }

    private void endThreads() {
        if (operations.size() == 0 || exited >= MOST_EXITS || random.nextInt(1000) >= exits) {
            return;
        }
        exit();
        if (random.nextInt(8) == 0) {
            int others = random.nextInt(threads);
            for (int i = 0; i < others; i++) {
                turn(random.nextInt(threads));
                exit();
            }
        }
    }

    private void exit() {
        operations.add(Operations.EXIT, 0, 0, 0);
        exited++;
    }

    private void changeShortage() {
        if (shortFor > 0 && --shortFor == 0) {
            operations.add(Operations.EXHAUST, 0, 0, 0);
        } else if (shortFor == 0 && random.nextInt(10_000) < shortages) {
            operations.add(Operations.EXHAUST, 0, 1, 0);
            shortFor = random.nextInt(1, 60);
        }
    }
}
