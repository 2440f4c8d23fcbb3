package dev.hark.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows from the application into the core. */
@AnalyzeClasses(packages = "dev.hark.app", importOptions = ImportOption.DoNotIncludeTests.class)
class LayeringTest {
    @ArchTest
    static final ArchRule onlyTheCommandLineUsesTheToolsOfTheLog = noClasses()
            .that()
            .resideOutsideOfPackage("dev.hark.app.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.hark.log.sqlite.tools..")
            .because("they must not run in the process of a hub that has the log open");
}
