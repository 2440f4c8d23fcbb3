package dev.hark.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows of the application: the node starts its rooms, which know the configuration and the core, and not each other. */
@AnalyzeClasses(packages = "dev.hark.app", importOptions = ImportOption.DoNotIncludeTests.class)
class LayeringTest {
    @ArchTest
    static final ArchRule arrowsPointOneWay = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("node")
            .definedBy("dev.hark.app")
            .layer("cli")
            .definedBy("dev.hark.app.cli..")
            .layer("admin")
            .definedBy("dev.hark.app.admin..")
            .layer("demo")
            .definedBy("dev.hark.app.demo..")
            .layer("listen")
            .definedBy("dev.hark.app.listen..")
            .layer("http")
            .definedBy("dev.hark.app.http..")
            .layer("access")
            .definedBy("dev.hark.app.access..")
            .layer("source")
            .definedBy("dev.hark.app.source..")
            .layer("hook")
            .definedBy("dev.hark.app.hook..")
            .layer("state")
            .definedBy("dev.hark.app.state..")
            .layer("reload")
            .definedBy("dev.hark.app.reload..")
            .layer("tls")
            .definedBy("dev.hark.app.tls..")
            .layer("config")
            .definedBy("dev.hark.app.config..")
            .whereLayer("node")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("cli")
            .mayOnlyBeAccessedByLayers("node")
            .whereLayer("admin")
            .mayOnlyBeAccessedByLayers("node")
            .whereLayer("demo")
            .mayOnlyBeAccessedByLayers("node")
            .whereLayer("listen")
            .mayOnlyBeAccessedByLayers("node", "admin", "http")
            .whereLayer("http")
            .mayOnlyBeAccessedByLayers("node", "admin")
            .whereLayer("access")
            .mayOnlyBeAccessedByLayers("node", "admin", "http", "cli")
            .whereLayer("source")
            .mayOnlyBeAccessedByLayers("node", "admin")
            .whereLayer("hook")
            .mayOnlyBeAccessedByLayers("node", "admin")
            .whereLayer("state")
            .mayOnlyBeAccessedByLayers("source", "hook", "admin", "node")
            .whereLayer("reload")
            .mayOnlyBeAccessedByLayers("node", "admin", "http", "tls")
            .whereLayer("tls")
            .mayOnlyBeAccessedByLayers("node", "cli", "admin", "http")
            .whereLayer("config")
            .mayOnlyBeAccessedByLayers("node", "cli", "http", "access", "tls", "reload", "source", "hook");

    @ArchTest
    static final ArchRule noCycles = slices().matching("dev.hark.app.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule onlyTheCommandLineUsesTheToolsOfTheLog = noClasses()
            .that()
            .resideOutsideOfPackage("dev.hark.app.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.hark.log.sqlite.tools..")
            .because("they must not run in the process of a hub that has the log open");

    @ArchTest
    static final ArchRule onlyTheNodeChoosesAnEngine = noClasses()
            .that()
            .resideInAnyPackage("dev.hark.app.http..", "dev.hark.app.admin..", "dev.hark.app.demo..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.hark.log.sqlite..", "dev.hark.log.memory..", "dev.hark.log.jetstream..", "io.nats..");

    @ArchTest
    static final ArchRule theConfigurationAndTheCommandLineKnowNoServer = noClasses()
            .that()
            .resideInAnyPackage("dev.hark.app.config..", "dev.hark.app.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.helidon.webserver..");

    @ArchTest
    static final ArchRule theDemoIsAPageLikeAnyOther = noClasses()
            .that()
            .resideInAPackage("dev.hark.app.demo..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.hark", "dev.hark.event..", "dev.hark.log..", "dev.hark.fanout..");
}
