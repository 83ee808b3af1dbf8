package io.github.ptmalloc4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.Set;
import javax.management.JMX;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.StandardMBean;
import javax.management.openmbean.CompositeData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeapBeanTest {
    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();

    private static ObjectName name(String heap) throws Exception {
        return new ObjectName("io.github.ptmalloc4j:type=Heap,name=" + heap);
    }

    @Test
    void aRegisteredHeapShowsItsNumbersUntilItIsClosed() throws Exception {
        try (Ptmalloc heap = Ptmalloc.builder().limit(1 << 30).build()) {
            heap.malloc(1000);
            heap.registerMBean("buffers");
            HeapMXBean bean = JMX.newMXBeanProxy(server, name("buffers"), HeapMXBean.class);
            assertEquals("buffers", bean.getName());
            assertEquals(1 << 30, bean.getLimit());
            assertEquals(heap.snapshot().mapped(), bean.getMapped());
            assertEquals(heap.snapshot().inUse(), bean.getInUse());
            assertTrue(bean.getResident() == -1 || bean.getResident() > 0);
            assertEquals(0, bean.getFragmentation());
            assertTrue(bean.trim(0));
            assertTrue(bean.mallocInfo().startsWith("<malloc version=\"1\">"));
        }
        assertFalse(server.isRegistered(name("buffers")));
    }

    @Test
    void theSnapshotIsCompositeDataThatAnyToolCanRead() throws Exception {
        try (Ptmalloc heap = Ptmalloc.create()) {
            heap.malloc(1000);
            heap.registerMBean("readable");
            CompositeData snapshot = (CompositeData) server.invoke(name("readable"), "snapshot", null, null);
            assertEquals(heap.snapshot().mapped(), snapshot.get("mapped"));
            CompositeData[] arenas = (CompositeData[]) snapshot.get("arenas");
            assertEquals(1, arenas.length);
            assertEquals(0, arenas[0].get("index"));
            assertEquals(
                    heap.snapshot().systemCalls().mmap(), ((CompositeData) snapshot.get("systemCalls")).get("mmap"));
            HeapMXBean bean = JMX.newMXBeanProxy(server, name("readable"), HeapMXBean.class);
            assertEquals(heap.snapshot().calls(), bean.snapshot().calls());
            assertEquals(heap.snapshot().arenas(), bean.snapshot().arenas());
        }
    }

    @Test
    void aNameIsTakenOnceAndMayBeAnything() throws Exception {
        try (Ptmalloc one = Ptmalloc.create();
                Ptmalloc two = Ptmalloc.create()) {
            one.registerMBean("a=b,\"c\"*");
            assertTrue(server.isRegistered(name(ObjectName.quote("a=b,\"c\"*"))));
            assertThrows(IllegalArgumentException.class, () -> two.registerMBean("a=b,\"c\"*"));
            one.registerMBean("another");
            assertFalse(server.isRegistered(name(ObjectName.quote("a=b,\"c\"*"))));
            two.registerMBean("a=b,\"c\"*");
        }
    }

    @Test
    void itIsAlsoABufferPool() throws Exception {
        ObjectName name = new ObjectName("io.github.ptmalloc4j:type=BufferPool,name=pool");
        try (Ptmalloc heap = Ptmalloc.create()) {
            heap.registerMBean("pool");
            heap.malloc(1000);
            BufferPoolMXBean pool = JMX.newMXBeanProxy(server, name, BufferPoolMXBean.class);
            assertEquals("pool", pool.getName());
            assertEquals(name, pool.getObjectName());
            assertEquals(1, pool.getCount());
            assertTrue(pool.getTotalCapacity() >= 990 && pool.getTotalCapacity() <= 1008, "" + pool.getTotalCapacity());
            assertEquals(heap.snapshot().mapped(), pool.getMemoryUsed());
        }
        assertFalse(server.isRegistered(name));
    }

    /** All that is registered here, by whomever. */
    private Set<ObjectName> registered() throws Exception {
        return server.queryNames(new ObjectName("io.github.ptmalloc4j:*"), null);
    }

    @Test
    void aNameThatIsHalfTakenIsNotHalfRegisteredAndTheOldOneStays() throws Exception {
        ObjectName pool = new ObjectName("io.github.ptmalloc4j:type=BufferPool,name=half");
        try (Ptmalloc heap = Ptmalloc.create()) {
            server.registerMBean(new StandardMBean(() -> {}, Runnable.class), pool);
            heap.registerMBean("whole");
            assertThrows(IllegalArgumentException.class, () -> heap.registerMBean("half"));
            assertFalse(server.isRegistered(name("half")));
            assertTrue(server.isRegistered(name("whole")));
            heap.registerMBean("whole");
            assertTrue(server.isRegistered(name("whole")));
        } finally {
            server.unregisterMBean(pool);
        }
        assertEquals(Set.of(), registered());
    }

    @Test
    void aClosedHeapIsNotRegistered() throws Exception {
        Ptmalloc heap = Ptmalloc.create();
        heap.close();
        assertThrows(IllegalStateException.class, () -> heap.registerMBean("closed"));
        assertEquals(Set.of(), registered());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "*",
                "a?b",
                "a\"b",
                "a\\b",
                "a\nb",
                "a\r",
                "x:y",
                " lead",
                "trail ",
                "a,b=c",
                "中",
                "\ud83d\ude00"
            })
    void anyNameIsShownAsItIs(String called) throws Exception {
        try (Ptmalloc heap = Ptmalloc.create()) {
            heap.registerMBean(called);
            assertEquals(2, registered().size());
            for (ObjectName each : registered()) {
                assertEquals(called, server.getAttribute(each, "Name"));
            }
        }
        assertEquals(Set.of(), registered());
    }
}
