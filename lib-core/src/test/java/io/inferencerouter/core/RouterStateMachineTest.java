package io.inferencerouter.core;

import static io.inferencerouter.core.testing.Idle.assertIdle;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.EndpointSnapshot;
import io.inferencerouter.Explanation.Verdict;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InferenceRouterException;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.Lifecycle;
import io.inferencerouter.Outcome;
import io.inferencerouter.Priority;
import io.inferencerouter.ServedModel;
import io.inferencerouter.core.testing.AllSelectors;
import io.inferencerouter.core.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.state.Action;
import net.jqwik.api.state.ActionChain;
import net.jqwik.api.state.Transformer;

/**
 * Any sequence of what callers, operators and time can do, against a model that only counts: what
 * is in flight on each endpoint is what the leases say that are out, and nothing is left when the
 * last one ends.
 */
class RouterStateMachineTest {
  private static final List<String> IDS = List.of("a", "b", "c");
  private static final long BUDGET = 500_000;

  private static final List<EndpointSelector> SELECTORS = AllSelectors.all();

  /** Each selector with a few sources of randomness. */
  private static final int SEEDS = 4 * SELECTORS.size();

  /** The router, and what the callers hold. */
  static final class World {
    final VirtualTime time = new VirtualTime();
    final List<Lease> leases = new ArrayList<>();
    final List<Lease> ended = new ArrayList<>();
    final List<CompletableFuture<Lease>> waiting = new ArrayList<>();
    final List<CompletableFuture<Void>> drains = new ArrayList<>();
    final InferenceRouter router;
    boolean closed;

    World(int seed) {
      SplittableRandom random = new SplittableRandom(seed);
      router =
          InferenceRouters.builder()
              .endpoints(endpoints(7))
              .selector(SELECTORS.get(seed % SELECTORS.size()))
              .ticker(time)
              .scheduler(time)
              .random(random::nextLong)
              .executor(Runnable::run)
              .queueCapacity(3)
              .build();
    }

    static List<Endpoint> endpoints(int members) {
      List<Endpoint> endpoints = new ArrayList<>();
      for (int i = 0; i < IDS.size(); i++) {
        if ((members & 1 << i) != 0) {
          endpoints.add(
              kind(i, Endpoint.builder(IDS.get(i), "http://" + IDS.get(i)))
                  .maxConcurrency(1 + i)
                  .region(i == 0 ? "eu" : "us")
                  .profile(HardwareProfile.builder(100.0 * (i + 1), 7).build())
                  .build());
        }
      }
      return endpoints;
    }

    /** One serves all models, one has to load its only one, one has room for one of two. */
    private static Endpoint.Builder kind(int i, Endpoint.Builder endpoint) {
      return switch (i) {
        case 0 -> endpoint;
        case 1 -> endpoint.memoryBudget(BUDGET).model(loadable("m"));
        default ->
            endpoint
                .memoryBudget(2 * BUDGET)
                .model(loadable("m"))
                .model(loadable("n"))
                .maxResidentModels(1);
      };
    }

    private static ServedModel loadable(String model) {
      return ServedModel.builder(model).loadTime(Duration.ofSeconds(5)).build();
    }

    /** Moves what has been granted from the waiting to the leases. */
    void settle() {
      for (Iterator<CompletableFuture<Lease>> each = waiting.iterator(); each.hasNext(); ) {
        CompletableFuture<Lease> future = each.next();
        if (future.isDone()) {
          each.remove();
          if (!future.isCompletedExceptionally()) {
            leases.add(future.join());
          }
        }
      }
    }

    void check() {
      settle();
      for (EndpointSnapshot endpoint : router.snapshot().endpoints()) {
        String id = endpoint.endpoint().id();
        long held = leases.stream().filter(l -> l.endpoint().id().equals(id)).count();
        assertThat(endpoint.inFlight()).as("in flight on " + id).isEqualTo((int) held);
        assertThat(endpoint.inFlight()).isLessThanOrEqualTo(endpoint.endpoint().maxConcurrency());
        checkMemory(endpoint);
        if (held == 0) {
          assertThat(endpoint.reservedInput()).as("input on " + id).isEqualTo(Duration.ZERO);
          assertThat(endpoint.reservedOutput()).as("output on " + id).isEqualTo(Duration.ZERO);
          assertThat(endpoint.lifecycle()).isNotEqualTo(Lifecycle.DRAINING);
        }
      }
      assertThat(router.snapshot().queued()).as("queued").isEqualTo(waiting.size());
      boolean drainsUnderWay =
          router.snapshot().endpoints().stream().anyMatch(e -> e.lifecycle() == Lifecycle.DRAINING);
      assertThat(drainsUnderWay || drains.stream().allMatch(CompletableFuture::isDone)).isTrue();
    }

    private void checkMemory(EndpointSnapshot endpoint) {
      List<Long> units =
          leases.stream()
              .filter(l -> l.endpoint().id().equals(endpoint.endpoint().id()))
              .map(l -> units(l.request()))
              .toList();
      long budget = endpoint.endpoint().memoryBudget();
      long sum = units.stream().mapToLong(Long::longValue).sum();
      assertThat(endpoint.reservedMemory())
          .as("memory on " + endpoint.endpoint().id())
          .isEqualTo(budget == Endpoint.UNLIMITED_MEMORY ? 0 : sum);
      assertThat(units.size() <= 1 || sum <= budget).as("within the budget").isTrue();
    }

    /** What a request takes, by the defaults of the estimator. */
    private static long units(InferenceRequest request) {
      long output = Math.min(request.outputLimit(), 250);
      return Math.max(1, request.input(InputUnit.TOKENS) + output);
    }

    /** Nothing is loading when nothing runs: what is not resident is loaded by the next. */
    private void checkModels() {
      for (String model : List.of("m", "n")) {
        InferenceRequest request = InferenceRequest.forModel(model).build();
        for (Verdict verdict : router.explain(request).verdicts()) {
          router.snapshot().endpoint(verdict.endpoint().id()).orElseThrow().models().stream()
              .filter(m -> m.model().equals(model) && verdict.terms().containsKey("load"))
              .forEach(m -> assertThat(verdict.terms().get("load") > 0).isEqualTo(!m.resident()));
        }
      }
    }

    void finish() {
      for (Lease lease : List.copyOf(leases)) {
        end(lease, Outcome.success());
      }
      settle();
      if (!leases.isEmpty()) {
        finish();
      }
      waiting.forEach(future -> future.cancel(true));
      assertIdle(router);
      checkModels();
      assertThat(drains).allMatch(CompletableFuture::isDone);
      time.advance(Duration.ofDays(2));
      assertThat(time.pending()).isZero();
      router.close();
    }

    void end(Lease lease, Outcome outcome) {
      assertThat(lease.complete(outcome)).isTrue();
      leases.remove(lease);
      ended.add(lease);
    }

    @Override
    public String toString() {
      return router.snapshot().toString();
    }
  }

  private static Action.Independent<World> action(Arbitrary<Transformer<World>> steps) {
    return () -> steps;
  }

  private static Transformer<World> step(String name, java.util.function.Consumer<World> effect) {
    return Transformer.mutate(
        name,
        world -> {
          effect.accept(world);
          world.check();
        });
  }

  private static Arbitrary<InferenceRequest> requests() {
    Arbitrary<Integer> input = Arbitraries.integers().between(0, 1_000_000);
    Arbitrary<Integer> output = Arbitraries.integers().between(0, 5_000);
    Arbitrary<Priority> priority = Arbitraries.of(Priority.class);
    Arbitrary<Boolean> europe = Arbitraries.of(false, false, true);
    Arbitrary<String> model = Arbitraries.of("", "m", "n");
    Arbitrary<Boolean> streaming = Arbitraries.of(true, false);
    Arbitrary<String> session = Arbitraries.of("", "s", "t");
    return net.jqwik.api.Combinators.combine(
            input, output, priority, europe, model, streaming, session)
        .as(
            (in, out, tier, eu, name, streams, conversation) -> {
              InferenceRequest.Builder request =
                  (name.isEmpty()
                          ? InferenceRequest.forAnyModel()
                          : InferenceRequest.forModel(name))
                      .streaming(streams)
                      .session(conversation)
                      .input(InputUnit.TOKENS, in)
                      .outputLimit(out)
                      .priority(tier);
              return (eu ? request.allowedRegions("eu") : request).build();
            });
  }

  private static Transformer<World> acquire(InferenceRequest request) {
    return step(
        "acquire",
        w -> {
          try {
            w.leases.add(w.router.acquire(request));
          } catch (InferenceRouterException refused) {
            assertThat(refused).hasMessageContaining("expected: ");
          }
        });
  }

  private static Transformer<World> acquireAsync(InferenceRequest request) {
    return step("acquireAsync", w -> w.waiting.add(w.router.acquireAsync(request)));
  }

  private static Transformer<World> onLease(
      String name, int which, java.util.function.BiConsumer<World, Lease> effect) {
    return step(
        name,
        w -> {
          if (!w.leases.isEmpty()) {
            effect.accept(w, w.leases.get(which % w.leases.size()));
          }
        });
  }

  private static Transformer<World> lateReports(int which) {
    return step(
        "reports after the end",
        w -> {
          if (!w.ended.isEmpty()) {
            Lease lease = w.ended.get(which % w.ended.size());
            lease.firstToken();
            lease.progress(5);
            lease.close();
            assertThat(lease.complete(Outcome.serverFault())).isFalse();
          }
        });
  }

  private static Transformer<World> operate(
      String name, java.util.function.Consumer<World> operation) {
    return step(
        name,
        w -> {
          try {
            operation.accept(w);
          } catch (IllegalArgumentException refused) {
            assertThat(refused).hasMessageContaining("expected: ");
          }
        });
  }

  @Provide
  Arbitrary<ActionChain<World>> lives() {
    return Arbitraries.integers().between(0, SEEDS - 1).flatMap(RouterStateMachineTest::lives);
  }

  private static Arbitrary<ActionChain<World>> lives(int seed) {
    Arbitrary<Integer> which = Arbitraries.integers().between(0, 20);
    Arbitrary<String> ids = Arbitraries.of(IDS);
    Arbitrary<Integer> seconds = Arbitraries.integers().between(1, 20);
    return ActionChain.startWith(() -> new World(seed))
        .withAction(12, action(requests().map(RouterStateMachineTest::acquire)))
        .withAction(12, action(requests().map(RouterStateMachineTest::acquireAsync)))
        .withAction(6, action(which.map(i -> onLease("first token", i, (w, l) -> l.firstToken()))))
        .withAction(
            6, action(which.map(i -> onLease("progress", i, (w, l) -> l.progress(1L << i)))))
        .withAction(
            12,
            action(which.map(i -> onLease("succeed", i, (w, l) -> w.end(l, Outcome.success())))))
        .withAction(
            4,
            action(which.map(i -> onLease("fail", i, (w, l) -> w.end(l, Outcome.serverFault())))))
        .withAction(
            4,
            action(which.map(i -> onLease("cancel", i, (w, l) -> w.end(l, Outcome.cancelled())))))
        .withAction(4, action(which.map(RouterStateMachineTest::lateReports)))
        .withAction(
            6,
            action(
                which.map(
                    i ->
                        step(
                            "cancel a waiter",
                            w -> {
                              if (!w.waiting.isEmpty()) {
                                w.waiting.get(i % w.waiting.size()).cancel(true);
                              }
                            }))))
        .withAction(
            4,
            action(
                Arbitraries.integers()
                    .between(0, 7)
                    .map(
                        set ->
                            step(
                                "set of endpoints " + set,
                                w -> w.router.updateEndpoints(World.endpoints(set))))))
        .withAction(
            3, action(ids.map(id -> operate("drain " + id, w -> w.drains.add(w.router.drain(id))))))
        .withAction(
            3,
            action(
                ids.map(
                    id -> operate("eject " + id, w -> w.router.eject(id, Duration.ofSeconds(10))))))
        .withAction(
            2, action(ids.map(id -> operate("reinstate " + id, w -> w.router.reinstate(id)))))
        .withAction(
            4,
            action(
                seconds.map(
                    s -> step("pass " + s + " s", w -> w.time.advance(Duration.ofSeconds(s))))))
        .withAction(1, action(Arbitraries.just(step("close", w -> w.router.close()))))
        .withMaxTransformations(60);
  }

  @Property(tries = 400)
  void whatWasReservedIsReturnedInEveryLife(@ForAll("lives") ActionChain<World> life) {
    life.run().finish();
  }
}
