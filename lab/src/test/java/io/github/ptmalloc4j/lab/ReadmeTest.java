package io.github.ptmalloc4j.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ptmalloc4j.ptmalloc.Tunables;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The README tells the truth. */
class ReadmeTest {
    private static final Pattern TUNABLE = Pattern.compile("\\| `(\\w+)` \\| (-?\\w+) \\|.*");

    private static List<String> lines() throws IOException {
        Path here = Path.of("").toAbsolutePath();
        Path root = Files.exists(here.resolve("ptmalloc4j")) ? here : here.getParent();
        return Files.readAllLines(root.resolve("README.md"));
    }

    @Test
    void theTableOfTunablesHasEveryComponentOfTheRecordWithItsDefault() throws Exception {
        Map<String, String> record = new TreeMap<>();
        for (RecordComponent component : Tunables.class.getRecordComponents()) {
            Object value = component.getAccessor().invoke(Tunables.GLIBC);
            if (value instanceof Boolean is) {
                value = is ? 1 : 0;
            }
            record.put(underscored(component.getName()), value.toString());
        }
        // Not a setting of glibc's: it is what setting one of the thresholds by hand ends.
        record.remove("dynamic_thresholds");
        assertEquals(record, new TreeMap<>(table()));
    }

    @Test
    void everyTunableOfTheTableIsUnderstood() throws IOException {
        Tunables all = Tunables.parse(String.join(
                ":",
                table().entrySet().stream()
                        .map(e -> e.getKey() + "=" + e.getValue())
                        .toList()));
        assertEquals(Tunables.GLIBC.toBuilder().dynamicThresholds(false).build(), all);
    }

    @Test
    void theReadmeIsNoLongerThanAReaderHasPatienceFor() throws IOException {
        assertTrue(lines().size() <= 250, () -> "the README has more than 250 lines");
    }

    private static Map<String, String> table() throws IOException {
        Map<String, String> table = new TreeMap<>();
        for (String line : lines()) {
            Matcher row = TUNABLE.matcher(line);
            if (row.matches()) {
                table.put(row.group(1), row.group(2));
            }
        }
        return table;
    }

    private static String underscored(String camelCase) {
        return String.join("_", Arrays.asList(camelCase.split("(?=[A-Z])"))).toLowerCase(Locale.ROOT);
    }
}
