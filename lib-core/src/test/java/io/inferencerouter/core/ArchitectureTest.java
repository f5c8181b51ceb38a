package io.inferencerouter.core;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;

/** The shape of the core, as ARCHITECTURE.md draws it. */
@AnalyzeClasses(
    packages = "io.inferencerouter",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String CORE = "io.inferencerouter.core";

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("io.inferencerouter.core.internal.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule stateIsTheGround =
      noClasses()
          .that()
          .resideInAPackage(CORE + ".internal.state")
          .should()
          .dependOnClassesThat(
              JavaClass.Predicates.resideInAnyPackage(CORE + "..")
                  .and(
                      DescribedPredicate.not(
                          JavaClass.Predicates.resideInAnyPackage(
                              CORE + ".internal.state", CORE + ".internal.learning"))));

  @ArchTest
  static final ArchRule affinityStandsAlone =
      noClasses()
          .that()
          .resideInAPackage(CORE + ".internal.affinity")
          .should()
          .dependOnClassesThat(
              JavaClass.Predicates.resideInAnyPackage(CORE + "..")
                  .and(
                      DescribedPredicate.not(
                          JavaClass.Predicates.resideInAPackage(CORE + ".internal.affinity"))));

  @ArchTest
  static final ArchRule onlyTheRouterKnowsTheRest =
      noClasses()
          .that()
          .resideInAnyPackage(
              CORE + ".internal.admission",
              CORE + ".internal.membership",
              CORE + ".internal.execution",
              CORE + ".internal.health",
              CORE + ".internal.watch",
              CORE + ".internal.concurrent")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(CORE + ".internal.router");

  @ArchTest
  static final ArchRule policiesSeeOnlyTheContracts =
      noClasses()
          .that()
          .resideInAnyPackage(
              CORE + ".selection", CORE + ".cost", CORE + ".affinity", CORE + ".telemetry")
          .should()
          .dependOnClassesThat(
              JavaClass.Predicates.resideInAPackage(CORE + ".internal..")
                  .and(
                      DescribedPredicate.not(
                          JavaClass.Predicates.resideInAPackage(CORE + ".internal.learning"))));

  @ArchTest
  static final ArchRule micrometerIsUsedInOnePackage =
      noClasses()
          .that()
          .resideOutsideOfPackage(CORE + ".telemetry")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.micrometer..");

  @ArchTest
  static final ArchRule theBreakerIsUsedInOnePackage =
      noClasses()
          .that()
          .resideOutsideOfPackage(CORE + ".internal.health")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.github.resilience4j..");

  @ArchTest
  static final ArchRule theContractsKnowNobody =
      noClasses()
          .that()
          .resideInAPackage("io.inferencerouter")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(CORE + "..");

  @ArchTest
  static final ArchRule timeIsInjected =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("io.inferencerouter.Ticker")
          .should()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(java.time.Instant.class, "now");

  @ArchTest
  static final ArchRule randomnessIsInjected =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName(InferenceRouters.Builder.class.getName())
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(ThreadLocalRandom.class, Random.class);

  @ArchTest
  static final ArchRule nothingIsBoundToAThread =
      noClasses().should().dependOnClassesThat().areAssignableTo(ThreadLocal.class);

  @ArchTest
  static final ArchRule routingTakesNoLock =
      noClasses()
          .that()
          .resideInAnyPackage(
              CORE + ".internal.state",
              CORE + ".internal.affinity",
              CORE + ".internal.router",
              CORE + ".internal.admission",
              CORE + ".internal.execution",
              CORE + ".internal.watch",
              CORE + ".internal.concurrent",
              CORE + ".selection",
              CORE + ".affinity",
              CORE + ".cost")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("java.util.concurrent.locks");

  @ArchTest
  static final ArchRule nothingIsSynchronized =
      noMethods().should().haveModifier(JavaModifier.SYNCHRONIZED);

  @ArchTest
  static final ArchRule namesSayWhatThingsAre =
      classes()
          .should()
          .haveSimpleNameNotEndingWith("Impl")
          .andShould()
          .haveSimpleNameNotEndingWith("Manager")
          .andShould()
          .haveSimpleNameNotEndingWith("Helper")
          .andShould()
          .haveSimpleNameNotEndingWith("Util")
          .andShould()
          .haveSimpleNameNotEndingWith("Utils");
}
