package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.inferencerouter.EndpointSnapshot;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.StallPolicy;
import io.inferencerouter.core.testing.Observed;
import io.inferencerouter.core.testing.Waiting;
import io.inferencerouter.grpc.test.Answer;
import io.inferencerouter.grpc.test.Ask;
import io.inferencerouter.grpc.test.ExchangeGrpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * Several calls at a time compete for few slots and fewer streams; each has a plan of its own for
 * how it is routed, what it is answered, how much of the answer is read, and when and how it is
 * cancelled. Whatever the interleaving, every call ends once, every lease ends, and nothing stays
 * reserved.
 */
class LeaseLifecycleTest {
  private static final List<ExchangeServer> SERVERS = new ArrayList<>();
  private static final List<RoutingChannel> CHANNELS = new ArrayList<>();
  private static Observed observed;
  private static InferenceRouter router;
  private static ExecutorService threads;

  enum Answering {
    ONE,
    MANY,
    NONE,
    HANG,
    FAIL,
    UNAVAILABLE
  }

  enum Cancelling {
    NEVER,
    AT_ONCE,
    BY_ANOTHER_THREAD,
    BY_CONTEXT,
    AFTER_A_MESSAGE,
    AFTER_THE_END
  }

  record Plan(
      boolean patient, boolean stream, Answering answering, Cancelling cancelling, int read) {}

  @BeforeContainer
  static void start() throws Exception {
    observed = new Observed();
    threads = Executors.newCachedThreadPool();
    for (String name : List.of("one", "other")) {
      SERVERS.add(new ExchangeServer(name));
    }
    EndpointChannels[] channels = new EndpointChannels[2];
    InferenceRouters.Builder builder =
        InferenceRouters.builder()
            .listener(observed)
            .stalls(StallPolicy.none())
            .maxQueueTime(Duration.ofMinutes(5));
    for (ExchangeServer server : SERVERS) {
      builder.endpoint(server.endpoint().maxConcurrency(3).build());
    }
    for (int i = 0; i < 2; i++) {
      channels[i] = EndpointChannels.builder(RoutedTest::open).maxConcurrentStreams(2).build();
      builder.listener(channels[i]);
    }
    router = builder.build();
    CHANNELS.add(RoutingChannel.create(router, channels[0]));
    CHANNELS.add(
        RoutingChannel.builder(router, channels[1])
            .classifier(
                new PatientClassifier(InferenceRequest.forAnyModel().replayable(true).build()))
            .build());
  }

  @AfterContainer
  static void stop() throws Exception {
    for (ManagedChannel channel : CHANNELS) {
      channel.shutdown();
      assertThat(channel.awaitTermination(Waiting.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    }
    router.close();
    threads.shutdownNow();
    for (ExchangeServer server : SERVERS) {
      server.stop();
    }
  }

  @Provide
  Arbitrary<Plan> plans() {
    return Combinators.combine(
            Arbitraries.of(true, false),
            Arbitraries.of(true, false),
            Arbitraries.of(Answering.class),
            Arbitraries.of(Cancelling.class),
            Arbitraries.integers().between(0, 4))
        .as(Plan::new);
  }

  @Property(tries = 150)
  void everyCallEndsOnceAndNothingStaysReserved(
      @ForAll @Size(min = 1, max = 10) List<@From("plans") Plan> plans) throws Exception {
    List<Future<RecordedListener<Answer>>> all = new ArrayList<>();
    for (Plan plan : plans) {
      all.add(threads.submit(follow(plan)));
    }
    for (Future<RecordedListener<Answer>> one : all) {
      RecordedListener<Answer> listener = one.get(Waiting.LIMIT_SECONDS, TimeUnit.SECONDS);
      assertThat(listener.events).doesNotContain("TWO AT A TIME", "CLOSED TWICE");
      assertThat(listener.transcript()).endsWith("close");
    }
    Waiting.until(observed::everyLeaseHasEnded, "every lease to end");
    Waiting.until(() -> router.snapshot().queued() == 0, "the queue to be empty");
    for (EndpointSnapshot endpoint : router.snapshot().endpoints()) {
      assertThat(endpoint.inFlight()).isZero();
      assertThat(endpoint.reservedInput()).isZero();
      assertThat(endpoint.reservedOutput()).isZero();
    }
  }

  private static Ask ask(Plan plan) {
    return switch (plan.answering()) {
      case ONE -> RoutedTest.ask(10);
      case MANY -> RoutedTest.ask(1, 2, 3, 4);
      case NONE -> RoutedTest.ask();
      case HANG -> RoutedTest.hang();
      case FAIL -> Ask.newBuilder().addSizes(1).setCode(13).build();
      case UNAVAILABLE -> Ask.newBuilder().setCode(14).build();
    };
  }

  private static Callable<RecordedListener<Answer>> follow(Plan plan) {
    return () -> {
      Context.CancellableContext context = Context.current().withCancellation();
      RoutingChannel channel = CHANNELS.get(plan.patient() ? 1 : 0);
      ClientCall<Ask, Answer> call =
          context.call(
              () ->
                  channel.newCall(
                      plan.stream()
                          ? ExchangeGrpc.getChatMethod()
                          : ExchangeGrpc.getDownloadMethod(),
                      CallOptions.DEFAULT));
      RecordedListener<Answer> listener = new RecordedListener<>();
      call.start(listener, new Metadata());
      List<Future<?>> others = new ArrayList<>();
      switch (plan.cancelling()) {
        case BY_ANOTHER_THREAD -> others.add(threads.submit(() -> call.cancel("other", null)));
        case BY_CONTEXT -> others.add(threads.submit(() -> context.cancel(null)));
        default -> {}
      }
      try {
        call.request(plan.read());
        call.sendMessage(ask(plan));
        call.halfClose();
      } catch (IllegalStateException e) {
        assertThat(plan.cancelling()).isEqualTo(Cancelling.BY_ANOTHER_THREAD);
      }
      finish(plan, call, listener);
      for (Future<?> other : others) {
        other.get(Waiting.LIMIT_SECONDS, TimeUnit.SECONDS);
      }
      return listener;
    };
  }

  private static void finish(
      Plan plan, ClientCall<Ask, Answer> call, RecordedListener<Answer> listener) throws Exception {
    if (plan.cancelling() == Cancelling.AT_ONCE) {
      call.cancel("at once", null);
    }
    if (plan.cancelling() == Cancelling.AFTER_A_MESSAGE
        && plan.read() > 0
        && plan.answering() == Answering.MANY) {
      listener.message();
      call.cancel("after a message", null);
    }
    if (plan.answering() == Answering.HANG) {
      call.cancel("there will be no answer", null);
    }
    call.request(10);
    listener.status();
    if (plan.cancelling() == Cancelling.AFTER_THE_END) {
      call.cancel("too late", null);
    }
  }
}
