package io.github.ptmalloc4j.junit;

import io.github.ptmalloc4j.HeapSegments;
import io.github.ptmalloc4j.LiveBlocks;
import io.github.ptmalloc4j.Ptmalloc;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Fails a test that leaks. Each test gets a heap of its own as a parameter of type {@link Ptmalloc} or {@link HeapSegments}:
 *
 * <pre>{@code
 * @ExtendWith(HeapExtension.class)
 * class CacheTest {
 *     @Test
 *     void evictsWhatItHolds(Ptmalloc heap) { … }
 * }
 * }</pre>
 *
 * <p>or a heap is watched that exists already:
 *
 * <pre>{@code
 * @RegisterExtension
 * HeapExtension leaks = HeapExtension.watching(Server.HEAP);
 * }</pre>
 *
 * <p>A test's heap is also that of its {@code @BeforeEach} and {@code @AfterEach} methods. Constructors and {@code @BeforeAll} get none:
 * they belong to no test that could fail.
 *
 * <p>A test that ends with blocks that it allocated and nobody freed fails with an {@link AssertionError} that lists them by stack.
 * A test that fails anyway keeps its failure. Lifetimes by {@link HeapSegments#shared()} give their memory back later than
 * they are closed and so count as leaks.
 */
public final class HeapExtension implements ParameterResolver, BeforeEachCallback, AfterEachCallback {
    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(HeapExtension.class);

    /** Null where each test has a heap of its own. */
    private final Ptmalloc watched;

    /** For {@code @ExtendWith}: each test has a heap of its own, closed when it ends. */
    public HeapExtension() {
        this(null);
    }

    private HeapExtension(Ptmalloc watched) {
        this.watched = watched;
    }

    /**
     * For {@code @RegisterExtension}: what a test allocates of this heap it must free.
     *
     * @param heap made with {@link io.github.ptmalloc4j.HeapBuilder#findLeaks(long)}; with an interval above 1 small
     *     leaks are found now and then only
     * @throws IllegalStateException if the heap remembers no allocations
     */
    public static HeapExtension watching(Ptmalloc heap) {
        heap.liveBlocks();
        return new HeapExtension(heap);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        boolean ofTest = context.getTestMethod().isPresent();
        return watched == null && ofTest && (type == Ptmalloc.class || type == HeapSegments.class);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Ptmalloc heap = heap(context);
        return parameter.getParameter().getType() == Ptmalloc.class ? heap : heap.segments();
    }

    private static Ptmalloc heap(ExtensionContext context) {
        return store(context)
                .getOrComputeIfAbsent(
                        Ptmalloc.class,
                        key -> Ptmalloc.builder()
                                .name(context.getDisplayName())
                                .findLeaks(1)
                                .build(),
                        Ptmalloc.class);
    }

    private static ExtensionContext.Store store(ExtensionContext context) {
        return context.getStore(NAMESPACE);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        if (watched != null) {
            store(context).put(LiveBlocks.class, watched.liveBlocks());
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (watched != null) {
            LiveBlocks before = store(context).get(LiveBlocks.class, LiveBlocks.class);
            requireNone(context, watched.liveBlocks().since(before));
            return;
        }
        Ptmalloc heap = store(context).remove(Ptmalloc.class, Ptmalloc.class);
        if (heap != null) {
            LiveBlocks left = heap.liveBlocks();
            heap.close();
            requireNone(context, left);
        }
    }

    private static void requireNone(ExtensionContext context, LiveBlocks left) {
        if (!left.isEmpty() && context.getExecutionException().isEmpty()) {
            throw new AssertionError(context.getDisplayName() + " leaks: " + left);
        }
    }
}
