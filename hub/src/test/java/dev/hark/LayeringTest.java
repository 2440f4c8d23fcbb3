package dev.hark;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows of the architecture: event ← log ← fanout ← the hub itself; its threads stand beside. */
@AnalyzeClasses(packages = "dev.hark", importOptions = ImportOption.DoNotIncludeTests.class)
class LayeringTest {
    @ArchTest
    static final ArchRule arrowsPointOneWay = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("thread")
            .definedBy("dev.hark.thread")
            .layer("event")
            .definedBy("dev.hark.event")
            .layer("log")
            .definedBy("dev.hark.log")
            .layer("engines")
            .definedBy("dev.hark.log.*..")
            .layer("fanout")
            .definedBy("dev.hark.fanout")
            .layer("hub")
            .definedBy("dev.hark")
            .whereLayer("hub")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("fanout")
            .mayOnlyBeAccessedByLayers("hub")
            .whereLayer("engines")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("log")
            .mayOnlyBeAccessedByLayers("hub", "fanout", "engines")
            .whereLayer("event")
            .mayOnlyBeAccessedByLayers("hub", "fanout", "engines", "log")
            .whereLayer("thread")
            .mayOnlyBeAccessedByLayers("hub", "fanout", "engines");

    @ArchTest
    static final ArchRule noCycles = slices().matching("dev.hark.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule enginesStandAlone = slices()
            .matching("dev.hark.log.(*)..")
            .should()
            .notDependOnEachOther()
            .ignoreDependency(resideInAPackage("dev.hark.log.jetstream.."), resideInAPackage("dev.hark.log.replicated.."))
            .ignoreDependency(resideInAPackage("dev.hark.log.sqlite.."), resideInAPackage("dev.hark.log.replicated.."))
            .because("the one dependency is that of a journal, and of a replica, on its seam");

    @ArchTest
    static final ArchRule theCoreNeedsNothingButJava = classes()
            .that()
            .resideOutsideOfPackage("dev.hark.log.*..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("dev.hark", "dev.hark.thread..", "dev.hark.event..", "dev.hark.log..", "dev.hark.fanout..", "java..",
                    "org.jspecify.annotations..", "com.google.errorprone.annotations..");

    @ArchTest
    static final ArchRule theMemoryLogNeedsNothingButJava = classes()
            .that()
            .resideInAPackage("dev.hark.log.memory..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.hark.event..", "dev.hark.log..", "java..", "org.jspecify.annotations..", "com.google.errorprone.annotations..");

    @ArchTest
    static final ArchRule theSqliteLogNeedsSqliteOnly = classes()
            .that()
            .resideInAPackage("dev.hark.log.sqlite..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.hark.thread..", "dev.hark.event..", "dev.hark.log..", "java..", "org.sqlite..", "org.jspecify.annotations..",
                    "com.google.errorprone.annotations..");

    @ArchTest
    static final ArchRule theJournalNeedsNatsOnly = classes()
            .that()
            .resideInAPackage("dev.hark.log.jetstream..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.hark.log.jetstream..", "dev.hark.log.replicated..", "dev.hark.thread..", "java..", "javax.net.ssl..",
                    "io.nats.client..", "org.jspecify.annotations..", "com.google.errorprone.annotations..");

    @ArchTest
    static final ArchRule nothingElseKnowsNats = noClasses()
            .that()
            .resideOutsideOfPackage("dev.hark.log.jetstream..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.nats..")
            .because("what orders groups is a journal, whatever it is made of");

    @ArchTest
    static final ArchRule nothingInTheCoreUsesTheToolsOfTheLog = noClasses()
            .that()
            .resideOutsideOfPackage("dev.hark.log.sqlite.tools..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.hark.log.sqlite.tools..")
            .because("they look at a log from another process");

    @ArchTest
    static final ArchRule nothingPrints =
            noClasses().should().accessField(System.class, "out")
                    .orShould().accessField(System.class, "err").because("the core logs through System.Logger");

    @ArchTest
    static final ArchRule everyRoomHasASign = classes()
            .that()
            .haveSimpleName("package-info")
            .should()
            .beAnnotatedWith("org.jspecify.annotations.NullMarked")
            .because("package-info.java is the room sign, and says that nulls are marked");
}
