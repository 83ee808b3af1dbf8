package io.github.ptmalloc4j.lab.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

class FootprintTest {
    private final Footprint footprint = new Footprint();

    @Test
    void thePeakIsTheSumOfBreakAndMappings() {
        footprint.breakMoved(1000);
        footprint.mapped(0x10000, 0x2000);
        footprint.breakMoved(-500);
        footprint.unmapped(0x10000, 0x2000);
        footprint.breakMoved(700);
        assertEquals(1000 + 0x2000, footprint.peakBytes());
    }

    @Test
    void whatIsUnmappedInTheMiddleLeavesBothSides() {
        footprint.mapped(0x10000, 0x5000);
        footprint.unmapped(0x11000, 0x1000);
        assertEquals(Map.of(0x10000L, 0x11000L, 0x12000L, 0x15000L), footprint.mappings());
        footprint.mapped(0x20000, 0x1000);
        assertEquals(0x5000, footprint.peakBytes());
    }

    @Test
    void oneUnmappingMayTakeSeveralMappings() {
        footprint.mapped(0x10000, 0x1000);
        footprint.mapped(0x12000, 0x1000);
        footprint.mapped(0x14000, 0x2000);
        footprint.unmapped(0x0f000, 0x6000);
        assertEquals(Map.of(0x15000L, 0x16000L), footprint.mappings());
    }
}
