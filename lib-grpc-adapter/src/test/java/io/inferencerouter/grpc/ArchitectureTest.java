package io.inferencerouter.grpc;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.inferencerouter.core.Scheduler;
import io.inferencerouter.core.load.OrcaLoadReport;

@AnalyzeClasses(
    packages = "io.inferencerouter.grpc",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule usersNeedGrpcApiAndNothingElse =
      classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("java..", "io.grpc", "io.inferencerouter..", "org.jspecify..");

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("io.inferencerouter.grpc.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule internalPackagesDoNotKnowTheAdapter =
      noClasses()
          .that()
          .resideInAPackage("..internal..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.inferencerouter.grpc");

  @ArchTest
  static final ArchRule ofTheCoreOnlySchedulerAndLoadReportsAreUsed =
      noClasses()
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.inferencerouter.core..")
                  .and(not(belongToAnyOf(Scheduler.class, OrcaLoadReport.class))));

  @ArchTest
  static final ArchRule publicClassesAreThoseThatAreMeantToBe =
      classes()
          .that()
          .resideInAPackage("io.inferencerouter.grpc")
          .and()
          .arePublic()
          .should()
          .haveNameMatching(
              ".*\\.(RoutingChannel|EndpointChannels|EndpointChannelFactory|GrpcRequest"
                  + "|GrpcRequestClassifier|KServeClassifier|SerializedSizeClassifier"
                  + "|LoadSubscription|ServingStatus)(\\$Builder)?");
}
