package io.github.ptmalloc4j;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;

/** The bean of one heap. The only class that knows JMX, loaded when a heap is registered. */
final class HeapBean implements HeapMXBean {
    private final Ptmalloc heap;
    private final String name;

    private HeapBean(Ptmalloc heap, String name) {
        this.heap = heap;
        this.name = name;
    }

    /**
     * Registers a heap.
     *
     * @return what takes it off again
     * @throws IllegalArgumentException if the name is taken
     */
    static Runnable register(Ptmalloc heap, String name) {
        try {
            ObjectName objectName = objectName(name);
            ManagementFactory.getPlatformMBeanServer().registerMBean(new HeapBean(heap, name), objectName);
            return () -> unregister(objectName);
        } catch (JMException e) {
            throw new IllegalArgumentException("the heap cannot be registered under the name " + name, e);
        }
    }

    private static ObjectName objectName(String name) throws MalformedObjectNameException {
        boolean plain = name.chars().allMatch(c -> Character.isLetterOrDigit(c) || "-_. ".indexOf(c) >= 0);
        return new ObjectName(
                "io.github.ptmalloc4j:type=Heap,name=" + (plain && !name.isEmpty() ? name : ObjectName.quote(name)));
    }

    private static void unregister(ObjectName name) {
        try {
            ManagementFactory.getPlatformMBeanServer().unregisterMBean(name);
        } catch (JMException e) {
            // Somebody has taken it off before.
        }
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public long getInUse() {
        return heap.snapshot().inUse();
    }

    @Override
    public long getMapped() {
        return heap.meter().mapped();
    }

    @Override
    public long getResident() {
        return heap.meter().resident();
    }

    @Override
    public long getLimit() {
        return HeapSnapshot.limit(heap.meter());
    }

    @Override
    public double getFragmentation() {
        return heap.snapshot().fragmentation();
    }

    @Override
    public HeapSnapshot getSnapshot() {
        return heap.snapshot();
    }

    @Override
    public boolean trim(long pad) {
        return heap.mallocTrim(pad);
    }

    @Override
    public String mallocInfo() {
        return heap.mallocInfo();
    }
}
