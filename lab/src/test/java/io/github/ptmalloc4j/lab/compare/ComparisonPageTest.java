package io.github.ptmalloc4j.lab.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

class ComparisonPageTest {
    private static final TraceComparison TRACE = ScoreRuleTest.trace(
            1,
            ScoreRuleTest.row("first<", 234.5, 2500),
            Measurement.missing(Allocator.JEMALLOC, "not installed: apt-get install libjemalloc2", false));

    @Test
    void everyNumberIsInATable() throws Exception {
        String tables = html().split("<script>")[0];
        for (String cell : List.of(
                // The figures of the row, the system calls by name, the score, and each point of each curve.
                "234.5",
                "211.1–258.0",
                "2,500",
                "40.0%",
                "4,321",
                "65",
                "43",
                "40",
                "3",
                "64.0",
                "500",
                "1,000",
                "777",
                "1,111",
                "2,222",
                "3,333",
                "4,444",
                "55",
                "66")) {
            assertTrue(tables.contains("<td>" + cell + "</td>"), cell);
        }
        assertTrue(tables.contains("2 requests were refused"));
        assertTrue(tables.contains("not installed: apt-get install libjemalloc2"));
        assertTrue(tables.contains("first&lt;"));
    }

    @Test
    void theCurvesHaveTheSameNumbers() throws Exception {
        String html = html();
        int from = html.indexOf("id=\"data\">") + "id=\"data\">".length();
        JsonNode data = new ObjectMapper().readTree(html.substring(from, html.indexOf("</script>", from)));
        assertEquals(2222, data.at("/0/allocators/0/heapBytes/1").asInt());
        assertEquals(3333, data.at("/0/allocators/0/residentBytes/0").asInt());
        assertEquals(66, data.at("/0/allocators/0/faults/1").asInt());
        assertEquals(777, data.at("/0/liveBytes/1").asInt());
    }

    @Test
    void thePageNeedsNoNetworkAndLeavesNoPlaceEmpty() throws Exception {
        String html = html();
        assertFalse(html.matches("(?s).*(src|href)=[\"']?(https?:)?//.*"), "something is loaded from elsewhere");
        assertFalse(html.contains("@data@") || html.contains("@uplot-js@") || html.contains("@summary@"));
        assertTrue(html.contains("The MIT License"), "uPlot comes with its licence");
        assertTrue(html.contains("prefers-color-scheme: dark") && html.contains("name=\"viewport\""));
    }

    @Test
    void thePageSaysOfWhatWhereAndHow() throws Exception {
        String html = html();
        assertTrue(html.contains("<title>Allocators compared: t</title>"));
        assertTrue(html.contains("here and now<br><code>./ptmalloc4j replay '&lt;odd&gt;'</code>"));
        assertTrue(html.contains("<td>jemalloc from C, by LD_PRELOAD</td>"), "what an allocator is");
    }

    private static String html() throws Exception {
        return new ComparisonPage(List.of(TRACE), ScoreRule.known(), "here and now", "./ptmalloc4j replay '<odd>'")
                .html();
    }
}
