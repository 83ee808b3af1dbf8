package io.github.ptmalloc4j.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.ptmalloc4j.os.Os;
import io.github.ptmalloc4j.os.PrivateBreak;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Closing a heap that other threads use. */
@Timeout(60)
class CloseUnderThreadsTest extends HeapTest {
    /** A kernel that takes its time: whoever maps from this thread on waits until told. */
    private final class SlowOs implements Os {
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch mayGoOn = new CountDownLatch(1);
        private volatile Thread slow;

        @Override
        public long mmap(long address, long length, int protection, int flags) {
            if (Thread.currentThread() == slow) {
                reached.countDown();
                awaitLatch(mayGoOn);
            }
            return os.mmap(address, length, protection, flags);
        }

        @Override
        public boolean munmap(long address, long length) {
            return os.munmap(address, length);
        }

        @Override
        public long mremap(long address, long oldLength, long newLength) {
            return os.mremap(address, oldLength, newLength);
        }

        @Override
        public boolean mprotect(long address, long length, int protection) {
            return os.mprotect(address, length, protection);
        }

        @Override
        public boolean madvise(long address, long length, int advice) {
            return os.madvise(address, length, advice);
        }

        @Override
        public long sbrk(long increment) {
            return os.sbrk(increment);
        }

        @Override
        public long random() {
            return os.random();
        }
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static Malloc open(SlowOs slow) {
        return new Malloc(slow, PrivateBreak.reserve(slow, 1L << 30), Tunables.GLIBC);
    }

    /** A call of {@code thread} that is stuck in the kernel. */
    private static Future<Long> stuck(Malloc heap, SlowOs slow, OtherThread thread) {
        some(thread.call(() -> heap.malloc(24)));
        slow.slow = thread.thread();
        Future<Long> call = thread.start(() -> heap.malloc(MIB));
        awaitLatch(slow.reached);
        return call;
    }

    private static Future<?> closing(Malloc heap, OtherThread thread) {
        Future<?> close = thread.start(() -> {
            heap.close();
            return null;
        });
        while (!isInAwaitQuiet(thread.thread())) {
            assertFalse(close.isDone(), "it did not wait");
            Thread.onSpinWait();
        }
        return close;
    }

    private static boolean isInAwaitQuiet(Thread thread) {
        for (StackTraceElement frame : thread.getStackTrace()) {
            if (frame.getMethodName().equals("awaitQuiet")) {
                return true;
            }
        }
        return false;
    }

    @Test
    void closeWaitsForACallUnderWayAndThatCallSucceeds() {
        SlowOs slow = new SlowOs();
        OtherThread thread = another();
        OtherThread closer = another();
        Malloc heap = madeElsewhere(() -> open(slow));
        Future<Long> call = stuck(heap, slow, thread);
        int munmaps = os.munmaps();
        closer.run(() -> {});
        Future<?> close = closing(heap, closer);
        assertEquals(munmaps, os.munmaps());
        slow.mayGoOn.countDown();
        some(OtherThread.await(call));
        OtherThread.await(close);
        assertEquals(0, os.mappings().size());
        assertThrows(IllegalStateException.class, () -> thread.call(() -> heap.malloc(24)));
    }

    @Test
    void whoWaitsToCloseAHeapDoesNotKeepAnotherFromBeingClosed() {
        SlowOs slow = new SlowOs();
        Malloc first = madeElsewhere(() -> open(slow));
        Malloc second = madeElsewhere(() -> open(new SlowOs()));
        OtherThread closesFirst = another();
        closesFirst.run(() -> some(first.malloc(24)));
        closesFirst.run(() -> some(second.malloc(24)));
        Future<Long> inFirst = stuck(first, slow, another());
        Future<?> closeFirst = closing(first, closesFirst);
        another().run(second::close);
        assertFalse(closeFirst.isDone());
        slow.mayGoOn.countDown();
        some(OtherThread.await(inFirst));
        OtherThread.await(closeFirst);
        assertEquals(0, os.mappings().size());
    }

    /** On a thread that is gone afterwards: the thread of the test is always inside this package. */
    private static Malloc madeElsewhere(Callable<Malloc> open) {
        OtherThread maker = new OtherThread();
        Malloc heap = maker.call(open);
        maker.end();
        return heap;
    }
}
