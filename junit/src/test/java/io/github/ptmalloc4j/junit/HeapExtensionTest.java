package io.github.ptmalloc4j.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import io.github.ptmalloc4j.HeapSegments;
import io.github.ptmalloc4j.Ptmalloc;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.EventType;

class HeapExtensionTest {
    static final Ptmalloc SHARED =
            Ptmalloc.builder().name("shared").findLeaks(1).build();

    /** Run by the tests below only: nested classes that are not inner are not found by the build. */
    @ExtendWith(HeapExtension.class)
    static class Subject {
        @Test
        void clean(Ptmalloc heap) {
            heap.free(heap.malloc(100));
        }

        @Test
        void leaking(Ptmalloc heap) {
            heap.malloc(100);
        }

        @Test
        void leakingSegment(HeapSegments segments) {
            segments.allocate(100);
        }

        @Test
        void failing(Ptmalloc heap) {
            heap.malloc(100);
            throw new IllegalArgumentException("its own failure");
        }
    }

    /** A heap that outlives the test would be nobody's to check. */
    @ExtendWith(HeapExtension.class)
    static class InConstructor {
        InConstructor(Ptmalloc heap) {
            heap.malloc(100);
        }

        @Test
        void clean(Ptmalloc heap) {
            heap.free(heap.malloc(100));
        }
    }

    @ExtendWith(HeapExtension.class)
    static class BeforeEachToo {
        private long block;

        @BeforeEach
        void allocate(Ptmalloc heap) {
            block = heap.malloc(100);
        }

        @Test
        void clean(Ptmalloc heap) {
            heap.free(block);
        }

        @Test
        void leaking() {}
    }

    static class Watching {
        @RegisterExtension
        HeapExtension leaks = HeapExtension.watching(SHARED);

        @Test
        void clean() {
            SHARED.free(SHARED.malloc(100));
        }

        @Test
        void leaking() {
            SHARED.malloc(100);
        }
    }

    /** The failure of a test, or null if it passed. */
    private static Throwable failure(Class<?> subject, String method, Class<?>... parameters) {
        String names = String.join(
                ", ", Arrays.stream(parameters).map(Class::getName).toList());
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectMethod(subject.getName() + "#" + method + "(" + names + ")"))
                .execute()
                .testEvents()
                .filter(event -> event.getType() == EventType.FINISHED)
                .findFirst()
                .orElseThrow()
                .getRequiredPayload(TestExecutionResult.class)
                .getThrowable()
                .orElse(null);
    }

    @Test
    void aTestThatFreesEverythingPasses() {
        assertEquals(null, failure(Subject.class, "clean", Ptmalloc.class));
    }

    @Test
    void aTestThatLeaksFailsWithTheStack() {
        Throwable failure = failure(Subject.class, "leaking", Ptmalloc.class);
        assertTrue(failure.getMessage().startsWith("leaking(Ptmalloc) leaks: 1 live blocks of 100 bytes"), failure::toString);
        assertTrue(failure.getMessage().contains("HeapExtensionTest$Subject.leaking("), failure::toString);
    }

    @Test
    void soDoesOneThatLeaksASegment() {
        Throwable failure = failure(Subject.class, "leakingSegment", HeapSegments.class);
        assertTrue(failure.getMessage().contains("HeapExtensionTest$Subject.leakingSegment("), failure::toString);
    }

    @Test
    void aConstructorGetsNone() {
        Throwable failure = failure(InConstructor.class, "clean", Ptmalloc.class);
        assertTrue(failure instanceof ParameterResolutionException, () -> "" + failure);
    }

    @Test
    void whatIsDoneBeforeATestCountsAsTheTests() {
        assertEquals(null, failure(BeforeEachToo.class, "clean", Ptmalloc.class));
        Throwable failure = failure(BeforeEachToo.class, "leaking");
        assertTrue(failure.getMessage().contains("HeapExtensionTest$BeforeEachToo.allocate("), failure::toString);
    }

    @Test
    void aTestThatFailsKeepsItsFailure() {
        assertEquals("its own failure", failure(Subject.class, "failing", Ptmalloc.class).getMessage());
    }

    @Test
    void aHeapThatExistsAlreadyIsWatched() {
        long before = SHARED.malloc(10);
        assertEquals(null, failure(Watching.class, "clean"));
        assertTrue(failure(Watching.class, "leaking").getMessage().contains("1 live blocks of 100 bytes"));
        SHARED.free(before);
    }

    @Test
    void aHeapThatRemembersNothingCannotBeWatched() {
        try (Ptmalloc heap = Ptmalloc.create()) {
            assertThrows(IllegalStateException.class, () -> HeapExtension.watching(heap));
        }
    }
}
