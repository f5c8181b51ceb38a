package io.inferencerouter.okhttp;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import okhttp3.Interceptor;

@AnalyzeClasses(
    packages = "io.inferencerouter.okhttp",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule onlyOnePackageKnowsTheJsonLibrary =
      noClasses()
          .that()
          .resideOutsideOfPackage("..internal.json..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.fasterxml..");

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("io.inferencerouter.okhttp.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule internalPackagesDoNotKnowTheAdapter =
      noClasses()
          .that()
          .resideInAPackage("..internal..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.inferencerouter.okhttp");

  @ArchTest
  static final ArchRule nothingOfTheClientsInternalsIsUsed =
      noClasses().should().dependOnClassesThat().resideInAPackage("okhttp3.internal..");

  @ArchTest
  static final ArchRule nobodyImplementsTheChainOfInterceptors =
      noClasses().should().implement(Interceptor.Chain.class);

  @ArchTest
  static final ArchRule onlyTheRouterAndItsFormatsAreUsedFromTheCore =
      noClasses()
          .should()
          .dependOnClassesThat(
              JavaClass.Predicates.resideInAPackage("io.inferencerouter.core..")
                  .and(
                      DescribedPredicate.not(
                          JavaClass.Predicates.resideInAnyPackage(
                              "io.inferencerouter.core.load",
                              "io.inferencerouter.core.affinity"))));

  @ArchTest
  static final ArchRule publicClassesAreThoseThatAreMeantToBe =
      classes()
          .that()
          .resideInAPackage("io.inferencerouter.okhttp")
          .and()
          .arePublic()
          .should()
          .haveNameMatching(
              ".*\\.(RoutingCallFactory|RoutingInterceptor|RequestClassifier|InferenceApiClassifier|ClassificationRules?|HttpProbe"
                  + "|StreamContinuation|PartialAnswer|BrokenStreamException)(\\$Builder)?");
}
