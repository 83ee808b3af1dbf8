package io.github.ptmalloc4j;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who may know whom, and how long a method may be. */
class LayersTest {
    private static final String ROOT = "io.github.ptmalloc4j";
    private static final String OS = ROOT + ".os..";
    private static final String PTMALLOC = ROOT + ".ptmalloc..";
    private static final String VERIFY = ROOT + ".verify..";

    private static final int LONGEST_METHOD = 80;

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    /** The classes of this project outside the given packages. */
    private static DescribedPredicate<JavaClass> oursExcept(String... packages) {
        DescribedPredicate<JavaClass> ours = resideInAPackage(ROOT + "..");
        for (String allowed : packages) {
            ours = ours.and(DescribedPredicate.not(resideInAPackage(allowed)));
        }
        return ours;
    }

    @Test
    void thereAreClassesInEveryLayer() {
        for (String layer : List.of(ROOT, OS, PTMALLOC, VERIFY)) {
            assertTrue(CLASSES.stream().anyMatch(resideInAPackage(layer)), layer);
        }
    }

    @Test
    void osKnowsNobody() {
        noClasses()
                .that()
                .resideInAPackage(OS)
                .should()
                .dependOnClassesThat(oursExcept(OS))
                .check(CLASSES);
    }

    @Test
    void ptmallocKnowsOnlyOs() {
        noClasses()
                .that()
                .resideInAPackage(PTMALLOC)
                .should()
                .dependOnClassesThat(oursExcept(PTMALLOC, OS))
                .check(CLASSES);
    }

    @Test
    void theEngineKnowsNoSegments() {
        noClasses()
                .that()
                .resideInAPackage(PTMALLOC)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.foreign..")
                .check(CLASSES);
    }

    @Test
    void theRootMakesSegmentsOfAddressesOnlyThroughOs() {
        noClasses()
                .that()
                .resideInAPackage(ROOT)
                .should()
                .callMethodWhere(JavaCall.Predicates.target(HasName.Predicates.name("reinterpret")))
                .check(CLASSES);
    }

    @Test
    void theRootKnowsPtmallocAndOs() {
        noClasses()
                .that()
                .resideInAPackage(ROOT)
                .should()
                .dependOnClassesThat(oursExcept(ROOT, PTMALLOC, OS))
                .check(CLASSES);
    }

    @Test
    void nobodyDependsOnVerify() {
        noClasses()
                .that(oursExcept(VERIFY))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(VERIFY)
                .check(CLASSES);
    }

    @Test
    void onlyTheRootKnowsFlightRecorderAndJmx() {
        noClasses()
                .that()
                .resideInAnyPackage(OS, PTMALLOC, VERIFY)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("jdk.jfr..", "javax.management..", "java.lang.management..")
                .check(CLASSES);
    }

    @Test
    void theLibraryNeedsNothingButTheJdk() {
        noClasses()
                .should()
                .dependOnClassesThat(
                        DescribedPredicate.not(resideInAnyPackage("java..", "javax.management..", "jdk.jfr.."))
                                .and(DescribedPredicate.not(resideInAPackage(ROOT + "..")))
                                .and(DescribedPredicate.not(DescribedPredicate.describe(
                                        "primitive or array", c -> c.isPrimitive() || c.isArray()))))
                .check(CLASSES);
    }

    @Test
    void nobodyUsesUnsafe() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveNameMatching("(sun\\.misc|jdk\\.internal\\.misc)\\..*")
                .check(CLASSES);
    }

    @Test
    void noMethodIsLongerThan80Lines() throws IOException {
        List<Path> sources = mainSources();
        assertTrue(sources.size() > 30, "found only " + sources);
        List<String> tooLong = new ArrayList<>();
        int methods = 0;
        for (Path source : sources) {
            for (MethodLengths.Method method : MethodLengths.of(Files.readString(source))) {
                methods++;
                if (method.lines() > LONGEST_METHOD) {
                    tooLong.add(source.getFileName() + ": " + method.header() + ": " + method.lines() + " lines");
                }
            }
        }
        assertTrue(methods > 300, "found only " + methods + " methods");
        assertEquals(List.of(), tooLong);
    }

    /** The main sources of every module, whichever directory the tests run in. */
    private static List<Path> mainSources() throws IOException {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(root.resolve("src/main/java"))) {
            root = root.getParent();
        }
        try (Stream<Path> files = Files.walk(root, 12)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> file.toString().contains("main/java"))
                    .filter(file -> !file.toString().contains("/target/"))
                    .toList();
        }
    }

    @Test
    void aMethodIsMeasuredFromItsHeaderToItsClosingBrace() {
        String source = String.join(
                "\n",
                "class A {",
                "    record B(int x) {}",
                "    void a() {",
                "        String s = \"{\"; // {",
                "        char c = '{'; /* { */",
                "        if (s == null) {",
                "        }",
                "    }",
                "    int b() { return 1; }",
                "    enum C { D, E }",
                "}");
        List<MethodLengths.Method> methods = MethodLengths.of(source);
        assertEquals(
                List.of(6, 1), methods.stream().map(MethodLengths.Method::lines).toList());
    }
}
