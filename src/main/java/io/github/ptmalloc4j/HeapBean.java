package io.github.ptmalloc4j;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.MBeanServer;
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
            ObjectName asHeap = objectName("Heap", name);
            ObjectName asPool = objectName("BufferPool", name);
            MBeanServer server = ManagementFactory.getPlatformMBeanServer();
            server.registerMBean(new HeapBean(heap, name), asHeap);
            try {
                server.registerMBean(new BufferPool(heap, name, asPool), asPool);
            } catch (JMException e) {
                unregister(asHeap);
                throw e;
            }
            return () -> {
                unregister(asHeap);
                unregister(asPool);
            };
        } catch (JMException e) {
            throw new IllegalArgumentException("the heap cannot be registered under the name " + name, e);
        }
    }

    private static ObjectName objectName(String type, String name) throws MalformedObjectNameException {
        boolean plain = name.chars().allMatch(c -> Character.isLetterOrDigit(c) || "-_. ".indexOf(c) >= 0);
        return new ObjectName("io.github.ptmalloc4j:type=" + type + ",name="
                + (plain && !name.isEmpty() ? name : ObjectName.quote(name)));
    }

    /** The heap as tools know the JVM's own buffer pools. */
    private record BufferPool(Ptmalloc heap, String name, ObjectName objectName) implements BufferPoolMXBean {
        @Override
        public String getName() {
            return name;
        }

        @Override
        public ObjectName getObjectName() {
            return objectName;
        }

        /** Blocks that users hold. */
        @Override
        public long getCount() {
            return heap.snapshot().calls().blocks();
        }

        /** Bytes that they asked for, estimated. */
        @Override
        public long getTotalCapacity() {
            return heap.snapshot().requested();
        }

        @Override
        public long getMemoryUsed() {
            return heap.meter().mapped();
        }
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
    public HeapSnapshot snapshot() {
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
