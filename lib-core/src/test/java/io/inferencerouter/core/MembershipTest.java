package io.inferencerouter.core;

import static io.inferencerouter.core.testing.Idle.assertIdle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSnapshot;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.Lifecycle;
import io.inferencerouter.NoEndpointException;
import io.inferencerouter.Outcome;
import io.inferencerouter.Route;
import io.inferencerouter.core.selection.Selectors;
import io.inferencerouter.core.testing.RecordingListener;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class MembershipTest {
  private static final InferenceRequest ANY = InferenceRequest.anyModel();

  private final VirtualTime time = new VirtualTime();
  private final RecordingListener events = new RecordingListener();
  private final InferenceRouter router =
      InferenceRouters.builder()
          .slowStart(SlowStart.none())
          .endpoints(List.of(Endpoint.of("a", "http://a"), Endpoint.of("b", "http://b")))
          .selector(Selectors.roundRobin())
          .ticker(time)
          .scheduler(time)
          .executor(Runnable::run)
          .listener(events)
          .build();

  private Lease acquireOn(String id) {
    List<Lease> others = new ArrayList<>();
    Lease lease = router.acquire(ANY);
    while (!lease.endpoint().id().equals(id)) {
      others.add(lease);
      lease = router.acquire(ANY);
    }
    others.forEach(Lease::close);
    return lease;
  }

  private EndpointSnapshot endpoint(String id) {
    return router.snapshot().endpoint(id).orElseThrow();
  }

  @Test
  void anEndpointIsWarmingUntilItsFirstSuccess() {
    assertThat(endpoint("a").lifecycle()).isEqualTo(Lifecycle.WARMING);
    acquireOn("a").complete(Outcome.serverFault());
    assertThat(endpoint("a").lifecycle()).isEqualTo(Lifecycle.WARMING);

    acquireOn("a").complete(Outcome.success());

    assertThat(endpoint("a").lifecycle()).isEqualTo(Lifecycle.ACTIVE);
    assertThat(endpoint("b").lifecycle()).isEqualTo(Lifecycle.WARMING);
  }

  @Test
  void anUpdateKeepsTheStateOfEndpointsThatStayAndChangesWhatIsDeclared() {
    Lease lease = acquireOn("a");
    acquireOn("a").complete(Outcome.serverFault());

    router.updateEndpoints(
        List.of(
            Endpoint.builder("a", "http://moved").maxConcurrency(1).build(),
            Endpoint.of("c", "http://c")));

    assertThat(endpoint("a").inFlight()).isEqualTo(1);
    assertThat(endpoint("a").errorLevel()).isPositive();
    assertThat(endpoint("a").endpoint().uri()).hasToString("http://moved");
    assertThat(router.snapshot().endpoint("b")).isEmpty();
    for (int i = 0; i < 10; i++) {
      assertThat(router.acquire(ANY).endpoint().id()).isEqualTo("c"); // a is full now
    }
    lease.close();
    assertThat(endpoint("a").inFlight()).isZero();
  }

  @Test
  void anEndpointThatLeavesTheSetDrainsUntilItIsIdle() {
    Lease lease = acquireOn("a");
    events.lines.clear();

    router.updateEndpoints(List.of(Endpoint.of("b", "http://b")));

    assertThat(endpoint("a").lifecycle()).isEqualTo(Lifecycle.DRAINING);
    assertThat(router.acquire(ANY).endpoint().id()).isEqualTo("b");
    lease.complete(Outcome.success());
    assertThat(router.snapshot().endpoint("a")).isEmpty();
    assertThat(events.lines)
        .containsSubsequence("a WARMING>DRAINING", "completed a SUCCESS 0", "a DRAINING>REMOVED");
  }

  @Test
  void aDrainEndsWithTheLastRequest() {
    Lease first = acquireOn("a");
    Lease second = acquireOn("a");
    CompletableFuture<Void> drain = router.drain("a");
    CompletableFuture<Void> joined = router.drain("a");

    first.close();
    assertThat(drain).isNotDone();
    second.close();

    assertThat(drain).isCompleted();
    assertThat(joined).isCompleted();
    assertThat(router.snapshot().endpoints()).hasSize(1);
    assertThatThrownBy(() -> router.drain("a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("endpoint a: unknown");
  }

  @Test
  void anIdleEndpointIsDrainedAtOnce() {
    assertThat(router.drain("a")).isCompleted();
    assertThat(router.snapshot().endpoint("a")).isEmpty();
  }

  @Test
  void aCallerWhoCancelsHisViewOfADrainDoesNotEndItForOthers() {
    Lease lease = acquireOn("a");
    CompletableFuture<Void> mine = router.drain("a");
    CompletableFuture<Void> yours = router.drain("a");

    mine.cancel(true);
    lease.close();

    assertThat(yours).isCompleted();
  }

  @Test
  void anEndpointThatIsAddedAgainWhileItDrainsKeepsItsStateAndEndsTheDrain() {
    Lease lease = acquireOn("a");
    CompletableFuture<Void> drain = router.drain("a");

    router.updateEndpoints(List.of(Endpoint.of("a", "http://a"), Endpoint.of("b", "http://b")));

    assertThat(drain).isCompletedExceptionally();
    assertThat(endpoint("a").inFlight()).isEqualTo(1);
    assertThat(endpoint("a").lifecycle()).isEqualTo(Lifecycle.WARMING);
    lease.close();
    assertThat(router.snapshot().endpoint("a")).isPresent();
    acquireOn("a").close();
    assertIdle(router);
  }

  @Test
  void anEjectedEndpointComesBackByItselfAndHasToProveItselfAgain() {
    acquireOn("a").complete(Outcome.success());
    events.lines.clear();
    router.eject("a", Duration.ofSeconds(10));

    for (int i = 0; i < 5; i++) {
      Lease lease = router.acquire(ANY);
      assertThat(lease.endpoint().id()).isEqualTo("b");
      lease.close();
    }
    time.advance(Duration.ofSeconds(10));

    assertThat(endpoint("a").lifecycle()).isEqualTo(Lifecycle.WARMING);
    acquireOn("a").close();
    assertThat(events.lines).contains("a ACTIVE>EJECTED", "a EJECTED>WARMING");
  }

  @Test
  void aShorterEjectionDoesNotShortenALongerOne() {
    router.eject("a", Duration.ofSeconds(30));
    router.eject("a", Duration.ofSeconds(10));

    time.advance(Duration.ofSeconds(20));
    assertThat(endpoint("a").lifecycle()).isEqualTo(Lifecycle.EJECTED);
    time.advance(Duration.ofSeconds(10));
    assertThat(endpoint("a").lifecycle()).isEqualTo(Lifecycle.WARMING);
  }

  @Test
  void aLongerEjectionLengthensAShorterOne() {
    router.eject("a", Duration.ofSeconds(10));
    router.eject("a", Duration.ofSeconds(30));

    time.advance(Duration.ofSeconds(20));
    assertThat(endpoint("a").lifecycle()).isEqualTo(Lifecycle.EJECTED);
    router.reinstate("a");
    assertThat(endpoint("a").lifecycle()).isEqualTo(Lifecycle.WARMING);
    router.reinstate("a");
  }

  @Test
  void whenAllAreEjectedTheRefusalNamesThem() {
    router.eject("a", Duration.ofSeconds(10));
    router.eject("b", Duration.ofSeconds(10));

    assertThatThrownBy(() -> router.acquire(ANY))
        .isInstanceOfSatisfying(
            NoEndpointException.class,
            e -> assertThat(e.reason()).isEqualTo(NoEndpointException.Reason.UNAVAILABLE))
        .hasMessageContaining("a EJECTED for PT10S (requested), b EJECTED for PT10S (requested)");
  }

  @Test
  void anEndpointThatDrainsCannotBeEjectedAndAnEjectedOneCanBeDrained() {
    Lease lease = acquireOn("a");
    assertThat(router.drain("a")).isNotDone();
    router.eject("b", Duration.ofSeconds(10));

    assertThatThrownBy(() -> router.eject("a", Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("draining");
    assertThat(router.drain("b")).isCompleted();
    time.advance(Duration.ofSeconds(20));
    assertThat(router.snapshot().endpoint("b")).isEmpty();
    lease.close();
    assertThat(router.snapshot().endpoints()).isEmpty();
  }

  @Test
  void twoEndpointsWithOneIdAreRefusedAndNothingChanges() {
    assertThatThrownBy(
            () ->
                router.updateEndpoints(
                    List.of(Endpoint.of("x", "http://x"), Endpoint.of("x", "http://y"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("endpoint x: named twice (expected: each id once)");
    assertThat(router.snapshot().endpoints()).hasSize(2);
  }

  @Test
  void aRotationGoesOnWhereItWasWhenTheSetChanges() {
    Map<String, Integer> shares = new TreeMap<>();
    for (int i = 0; i < 300; i++) {
      Endpoint c = Endpoint.builder("c", "http://c").label("generation", "" + i).build();
      router.updateEndpoints(
          List.of(Endpoint.of("a", "http://a"), Endpoint.of("b", "http://b"), c));
      Lease lease = router.acquire(ANY);
      shares.merge(lease.endpoint().id(), 1, Integer::sum);
      lease.close();
    }

    assertThat(shares)
        .containsExactly(Map.entry("a", 100), Map.entry("b", 100), Map.entry("c", 100));
  }

  @Test
  void aRouteFollowsEveryChangeOfTheSet() {
    Route route = router.route("");
    router.updateEndpoints(List.of(Endpoint.of("c", "http://c")));
    assertThat(route.acquire(ANY).endpoint().id()).isEqualTo("c");

    router.updateEndpoints(List.of(Endpoint.of("d", "http://d")));

    assertThat(route.acquire(ANY).endpoint().id()).isEqualTo("d");
    assertThatThrownBy(() -> route.acquire(InferenceRequest.forModel("m").build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("as the route");
    router.close();
    assertThatThrownBy(() -> route.acquire(ANY))
        .isInstanceOf(io.inferencerouter.RouterClosedException.class);
  }
}
