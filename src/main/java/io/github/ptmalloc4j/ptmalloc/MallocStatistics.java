package io.github.ptmalloc4j.ptmalloc;

import static io.github.ptmalloc4j.ptmalloc.Chunk.MALLOC_ALIGN_MASK;
import static io.github.ptmalloc4j.ptmalloc.Chunk.chunkSize;
import static io.github.ptmalloc4j.ptmalloc.Chunk.fd;
import static io.github.ptmalloc4j.ptmalloc.Chunk.fdField;
import static io.github.ptmalloc4j.ptmalloc.Chunk.sizeField;

/** What an arena holds, counted by walking its bins: mallinfo2(3) and malloc_info(3). */
final class MallocStatistics {
    /** Chunks of one bin: how many, their bytes, the smallest and the largest. */
    private record Total(long from, long to, long total, long count) {
        static final Total NONE = new Total(0, 0, 0, 0);

        Total plus(Total other) {
            return new Total(0, 0, total + other.total, count + other.count);
        }
    }

    private MallocStatistics() {}

    /** The sum over arenas, each locked in turn. */
    static Mallinfo2 mallinfo2(MallocState[] arenas) {
        Mallinfo2 sum = new Mallinfo2(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        for (MallocState av : arenas) {
            av.lock.lock();
            try {
                sum = sum.plus(mallinfo2(av));
            } finally {
                av.lock.unlock();
            }
        }
        return sum;
    }

    private static Mallinfo2 mallinfo2(MallocState av) {
        Total fast = Total.NONE;
        for (int i = 0; i < Fastbins.NFASTBINS; i++) {
            fast = fast.plus(fastbin(av, i, "int_mallinfo(): unaligned fastbin chunk detected"));
        }
        long top = chunkSize(av.top);
        long blocks = 1;
        long avail = top + fast.total;
        for (int i = 1; i < Bins.NBINS; i++) {
            long bin = av.binAt(i);
            for (long p = Bins.first(bin); p != bin; p = fd(p)) {
                blocks++;
                avail += chunkSize(p);
            }
        }
        MmappedChunks mmapped = av.mp.mmappedChunks;
        return new Mallinfo2(
                av.systemMem,
                blocks,
                fast.count,
                av.isMain() ? mmapped.count() : 0,
                av.isMain() ? mmapped.mem() : 0,
                0,
                fast.total,
                av.systemMem - avail,
                avail,
                av.isMain() ? top : 0);
    }

    private static Total fastbin(MallocState av, int index, String message) {
        long p = av.fastbinHead(index);
        if (p == 0) {
            return Total.NONE;
        }
        long size = chunkSize(p);
        long count = 0;
        for (; p != 0; p = SafeLinking.reveal(fdField(p))) {
            if (Chunk.misaligned(p)) {
                throw av.mp.mallocPrinterr(message);
            }
            count++;
        }
        return new Total(size - MALLOC_ALIGN_MASK, size, count * size, count);
    }

    /** glibc adds up size words here and forgets to take the flags off; so an 80-byte chunk counts 81. */
    private static Total bin(MallocState av, int index) {
        long bin = av.binAt(index);
        long from = -1;
        long to = 0;
        long total = 0;
        long count = 0;
        for (long p = Bins.first(bin); p != bin; p = fd(p)) {
            long word = sizeField(p);
            from = Long.compareUnsigned(word, from) < 0 ? word : from;
            to = Math.max(to, word);
            total += word;
            count++;
        }
        return count == 0 ? Total.NONE : new Total(from, to, total, count);
    }

    /** What malloc_info tells of one arena, or of all. */
    private record Info(
            Total fast, Total rest, long system, long maxSystem, long aspace, long aspaceMprotect, long subheaps) {
        static final Info NONE = new Info(Total.NONE, Total.NONE, 0, 0, 0, 0, 0);

        Info plus(Info other) {
            return new Info(
                    fast.plus(other.fast),
                    rest.plus(other.rest),
                    system + other.system,
                    maxSystem + other.maxSystem,
                    aspace + other.aspace,
                    aspaceMprotect + other.aspaceMprotect,
                    0);
        }
    }

    /** The XML of malloc_info(3), each arena locked in turn. */
    static String mallocInfo(MallocState[] arenas) {
        StringBuilder xml = new StringBuilder("<malloc version=\"1\">\n");
        Info all = Info.NONE;
        for (int nr = 0; nr < arenas.length; nr++) {
            xml.append("<heap nr=\"%d\">\n<sizes>\n".formatted(nr));
            MallocState av = arenas[nr];
            av.lock.lock();
            Info info;
            try {
                info = arenaInfo(xml, av);
            } finally {
                av.lock.unlock();
            }
            xml.append("</sizes>\n");
            appendTotals(xml, info, "");
            if (!av.isMain()) {
                xml.append("<aspace type=\"subheaps\" size=\"%d\"/>\n".formatted(info.subheaps));
            }
            xml.append("</heap>\n");
            all = all.plus(info);
        }
        MmappedChunks mmapped = arenas[0].mp.mmappedChunks;
        appendTotals(
                xml,
                all,
                "<total type=\"mmap\" count=\"%d\" size=\"%d\"/>\n".formatted(mmapped.count(), mmapped.mem()));
        return xml.append("</malloc>\n").toString();
    }

    private static Info arenaInfo(StringBuilder xml, MallocState av) {
        Total fast = Total.NONE;
        for (int i = 0; i < Fastbins.NFASTBINS; i++) {
            Total sizes = fastbin(av, i, "__malloc_info(): unaligned fastbin chunk detected");
            appendSizes(xml, "size", sizes);
            fast = fast.plus(sizes);
        }
        Total rest = new Total(0, 0, chunkSize(av.top), 1);
        for (int i = 2; i < Bins.NBINS; i++) {
            Total sizes = bin(av, i);
            appendSizes(xml, "size", sizes);
            rest = rest.plus(sizes);
        }
        Total unsorted = bin(av, Bins.UNSORTED);
        appendSizes(xml, "unsorted", unsorted);
        rest = rest.plus(unsorted);
        if (av.isMain()) {
            return new Info(fast, rest, av.systemMem, av.maxSystemMem, av.systemMem, av.systemMem, 0);
        }
        long size = 0;
        long mprotectSize = 0;
        long heaps = 0;
        for (long heap = HeapInfo.heapForPtr(av.mp, av.top); heap != 0; heap = HeapInfo.prev(heap)) {
            size += HeapInfo.size(heap);
            mprotectSize += HeapInfo.mprotectSize(heap);
            heaps++;
        }
        return new Info(fast, rest, av.systemMem, av.maxSystemMem, size, mprotectSize, heaps);
    }

    private static void appendSizes(StringBuilder xml, String element, Total sizes) {
        if (sizes.count != 0) {
            xml.append("  <%s from=\"%d\" to=\"%d\" total=\"%d\" count=\"%d\"/>\n"
                    .formatted(element, sizes.from, sizes.to, sizes.total, sizes.count));
        }
    }

    private static void appendTotals(StringBuilder xml, Info info, String mmapped) {
        xml.append("<total type=\"fast\" count=\"%d\" size=\"%d\"/>\n".formatted(info.fast.count, info.fast.total))
                .append("<total type=\"rest\" count=\"%d\" size=\"%d\"/>\n".formatted(info.rest.count, info.rest.total))
                .append(mmapped)
                .append("<system type=\"current\" size=\"%d\"/>\n".formatted(info.system))
                .append("<system type=\"max\" size=\"%d\"/>\n".formatted(info.maxSystem))
                .append("<aspace type=\"total\" size=\"%d\"/>\n".formatted(info.aspace))
                .append("<aspace type=\"mprotect\" size=\"%d\"/>\n".formatted(info.aspaceMprotect));
    }
}
