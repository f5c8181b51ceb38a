package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.inferencerouter.Candidates;
import io.inferencerouter.Credential;
import io.inferencerouter.Endpoint;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.testing.VirtualScheduler;
import io.inferencerouter.core.testing.Waiting;
import io.inferencerouter.grpc.test.Answer;
import io.inferencerouter.grpc.test.Ask;
import io.inferencerouter.grpc.test.ExchangeGrpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class EndpointChannelsTest extends RoutedTest {
  private static final Metadata.Key<String> KEY =
      Metadata.Key.of("x-api-key", Metadata.ASCII_STRING_MARSHALLER);
  private static final String SECRET = "sk-this-must-not-be-seen";
  private static final Metadata.Key<String> POOL =
      Metadata.Key.of("x-pool", Metadata.ASCII_STRING_MARSHALLER);

  private RecordedListener<Answer> openStream() throws Exception {
    stream = call(channel, ExchangeGrpc.getChatMethod());
    RecordedListener<Answer> listener = new RecordedListener<>();
    stream.start(listener, new Metadata());
    stream.request(10);
    stream.sendMessage(ask(1));
    listener.message();
    return listener;
  }

  private ClientCall<Ask, Answer> stream;

  @Test
  void thereIsOneChannelForEachEndpointMadeForItsFirstCall() throws Exception {
    ExchangeServer one = serve("one");
    ExchangeServer other = serve("other");
    use(one.endpoint().build(), other.endpoint().build());
    assertThat(made).isEmpty();
    for (int i = 0; i < 20; i++) {
      assertThat(unary(ask(1)).status()).isEqualTo(Status.OK);
    }
    assertThat(made).hasSizeBetween(1, 2);
    assertThat(channels.ids()).hasSameSizeAs(made);
  }

  @Test
  void anEndpointThatLeavesIsDrainedAndThenShutDown() throws Exception {
    ExchangeServer only = serve("only");
    use(only.endpoint().build());
    RecordedListener<Answer> listener = openStream();
    router.updateEndpoints(List.of());
    assertThat(made.get(0).isShutdown()).isFalse();
    stream.sendMessage(ask(2));
    assertThat(listener.message().getPayload().size()).isEqualTo(2);
    stream.halfClose();
    assertThat(listener.status()).isEqualTo(Status.OK);
    Waiting.until(() -> made.get(0).isTerminated(), "the channel to end");
    assertThat(channels.ids()).isEmpty();
  }

  @Test
  void withoutAListenerItIsShutDownWhenTheNextChannelIsMade() throws Exception {
    ExchangeServer one = serve("one");
    ExchangeServer other = serve("other");
    channels = channels().build();
    router = InferenceRouters.builder().listener(observed).endpoint(one.endpoint().build()).build();
    channel = routing().build();
    unary(ask(1)).status();
    router.updateEndpoints(List.of(other.endpoint().build()));
    Waiting.until(() -> router.snapshot().endpoint("one").isEmpty(), "the endpoint to leave");
    assertThat(made.get(0).isShutdown()).isFalse();
    unary(ask(1)).status();
    Waiting.until(() -> made.get(0).isTerminated(), "the channel to end");
  }

  @Test
  void anEndpointThatMovesGetsANewChannelAndOldCallsGoOn() throws Exception {
    ExchangeServer before = serve("before");
    ExchangeServer after = serve("after");
    use(Endpoint.of("gpu", before.endpoint().build().uri().toString()));
    RecordedListener<Answer> listener = openStream();
    router.updateEndpoints(List.of(Endpoint.of("gpu", after.endpoint().build().uri().toString())));
    RecordedListener<Answer> moved = unary(ask(1));
    assertThat(moved.status()).isEqualTo(Status.OK);
    assertThat(moved.message().getServer()).isEqualTo("after");
    stream.sendMessage(ask(2));
    assertThat(listener.message().getServer()).isEqualTo("before");
    stream.halfClose();
    assertThat(listener.status()).isEqualTo(Status.OK);
    Waiting.until(() -> made.get(0).isTerminated(), "the first channel to end");
    assertThat(made.get(1).isShutdown()).isFalse();
  }

  @Test
  void anEndpointThatIsDeclaredAnewKeepsItsChannel() throws Exception {
    ExchangeServer only = serve("only");
    use(only.endpoint().header("X-Pool", "blue").build());
    unary(ask(1)).status();
    assertThat(Waiting.take(only.headers, "the headers").get(POOL)).isEqualTo("blue");
    router.updateEndpoints(List.of(only.endpoint().weight(3).header("X-Pool", "red").build()));
    unary(ask(1)).status();
    assertThat(Waiting.take(only.headers, "the headers").get(POOL)).isEqualTo("red");
    assertThat(made).hasSize(1);
  }

  @Test
  void headersAndCredentialReplaceTheCallers() throws Exception {
    ExchangeServer only = serve("only");
    AtomicInteger rotation = new AtomicInteger();
    use(
        only.endpoint()
            .credential(Credential.header("X-Api-Key", () -> "key-" + rotation.incrementAndGet()))
            .build());
    Metadata headers = new Metadata();
    headers.put(KEY, "the caller's");
    headers.put(POOL, "kept");
    for (int i = 1; i <= 2; i++) {
      ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getUnaryMethod());
      RecordedListener<Answer> listener = new RecordedListener<>();
      call.start(listener, headers);
      call.request(2);
      call.sendMessage(ask(1));
      call.halfClose();
      listener.status();
      Metadata received = Waiting.take(only.headers, "the headers");
      assertThat(received.getAll(KEY)).containsExactly("key-" + i);
      assertThat(received.get(POOL)).isEqualTo("kept");
    }
    assertThat(headers.get(KEY)).isEqualTo("the caller's");
  }

  @Test
  void aCredentialThatCannotBeHadLeadsToAnotherEndpoint() throws Exception {
    ExchangeServer one = serve("one");
    ExchangeServer other = serve("other");
    Credential broken =
        Credential.bearer(
            () -> {
              throw new IllegalStateException("the vault is closed; secret-token");
            });
    use(one.endpoint().credential(broken).build(), other.endpoint().build());
    for (int i = 0; i < 10; i++) {
      RecordedListener<Answer> listener = unary(ask(1));
      assertThat(listener.status()).isEqualTo(Status.OK);
      assertThat(listener.message().getServer()).isEqualTo("other");
    }
  }

  private static int bad(Candidates candidates) {
    return candidates.endpoint(0).id().equals("bad") ? 0 : candidates.size() - 1;
  }

  @Test
  void whyACredentialCannotBeHadIsInTheCauseAndNotInTheStatus() throws Exception {
    ExchangeServer only = serve("only");
    Credential broken =
        Credential.bearer(
            () -> {
              throw new IllegalStateException("the vault is closed; " + SECRET);
            });
    use(only.endpoint().credential(broken).build());

    Status status = unary(ask(1)).status();

    assertThat(status.getCode()).isNotEqualTo(Status.Code.OK);
    assertThat(status.getDescription())
        .contains("credential of endpoint only: its supplier failed")
        .doesNotContain(SECRET);
    assertThat(status.getCause()).hasRootCauseMessage("the vault is closed; " + SECRET);
  }

  @Test
  void noTextShowsTheCredential() throws Exception {
    ExchangeServer only = serve("only");
    use(only.endpoint().header("x-pool", SECRET).credential(Credential.bearer(SECRET)).build());
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getUnaryMethod());
    List<Object> seen = new ArrayList<>(List.of(channel, channels, call));
    Status status = send(call, ask(1)).status();
    Collections.addAll(seen, status, call, channel, channels, router, router.snapshot());
    seen.addAll(made);
    seen.add(Waiting.take(observed.acquired, "the lease"));

    assertThat(status).isEqualTo(Status.OK);
    assertThat(Waiting.take(only.headers, "the headers").get(POOL)).isEqualTo(SECRET);
    assertThat(seen).hasSize(11).noneMatch(what -> what.toString().contains(SECRET));
  }

  @Test
  void aFactoryThatFailsForOneEndpointLeavesTheOthers() throws Exception {
    ExchangeServer good = serve("good");
    channels =
        EndpointChannels.of(
            endpoint -> {
              if (endpoint.id().equals("bad")) {
                throw new IllegalStateException("no certificate");
              }
              return connect(endpoint);
            });
    router =
        router(Endpoint.of("bad", "http://127.0.0.1:9"), good.endpoint().build())
            .selector((request, of) -> of.isAvailable(bad(of)) ? bad(of) : of.size() - 1 - bad(of))
            .build();
    channel = routing().build();
    int fewerThanEject = HealthPolicy.DEFAULT_CONSECUTIVE_FAILURES - 1;
    for (int i = 0; i < fewerThanEject; i++) {
      RecordedListener<Answer> listener = unary(ask(1));
      assertThat(listener.status()).isEqualTo(Status.OK);
      assertThat(listener.message().getServer()).isEqualTo("good");
    }
    assertThat(observed.outcomes).filteredOn(Outcome.serverFault()::equals).hasSize(fewerThanEject);
    router.updateEndpoints(List.of(Endpoint.of("bad", "http://127.0.0.1:9")));
    RecordedListener<Answer> listener = unary(ask(1));
    assertThat(listener.status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(listener.status().getDescription())
        .contains("channel of endpoint bad: failed", "no certificate", "(expected: ");
    assertThat(made).hasSize(1);
  }

  @Test
  void aFactoryThatReturnsNothingFailsTheCallClearly() throws Exception {
    channels = EndpointChannels.of(endpoint -> null);
    router = router(Endpoint.of("bad", "http://127.0.0.1:9")).build();
    channel = routing().build();
    assertThat(unary(ask(1)).status().getDescription())
        .contains("the channel factory returned null");
  }

  @Test
  void anInterceptorOfAnEndpointThatRefusesIsNotTheEndpointsFault() throws Exception {
    ExchangeServer only = serve("only");
    channels =
        EndpointChannels.of(
            endpoint -> {
              ManagedChannel fresh = connect(endpoint);
              return new InterceptedChannel(
                  fresh,
                  () -> {
                    throw Status.PERMISSION_DENIED
                        .withDescription("not today")
                        .asRuntimeException();
                  });
            });
    router = router(only.endpoint().build()).build();
    channel = routing().build();
    RecordedListener<Answer> listener = unary(ask(1));
    assertThat(listener.status().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(observed.outcome()).isEqualTo(Outcome.rejected());
  }

  @Test
  void whatCannotBeStartedDoesNotKeepAChannelFromEnding() throws Exception {
    Credential broken =
        Credential.bearer(
            () -> {
              throw new IllegalStateException("the vault is closed");
            });
    Endpoint only = serve("only").endpoint().credential(broken).build();
    use(only);
    VirtualScheduler scheduler = new VirtualScheduler();
    assertThat(channels.checkHealth(only, "", Duration.ofMinutes(1))).isCompletedExceptionally();
    try (LoadSubscription reports =
        channels.watchLoad(only, Duration.ofMinutes(1), scheduler, report -> {})) {
      assertThat(scheduler.pending()).as("it is tried again").isEqualTo(1);
      assertThat(reports.isClosed()).isFalse();
    }
    router.updateEndpoints(List.of());
    Waiting.until(() -> made.get(0).isTerminated(), "the channel to end");
  }

  @Test
  void aChannelIsNotReplacedAgainAndAgainForTheLastCallOfAnEndpointThatHasLeft() throws Exception {
    Endpoint gone = serve("gone").endpoint().build();
    use(serve("other").endpoint().build());
    EndpointChannel made = channels.channel(gone, () -> Set.of("other"));
    assertThat(made).isNotNull();
    assertThat(made.isRetired()).isFalse();
    assertThat(made.enter()).isEqualTo(EndpointChannel.Entrance.ENTERED);
    made.leave();
  }

  @Test
  void settingsOutOfRangeAreRefused() {
    assertThatThrownBy(() -> channels().maxConcurrentStreams(0))
        .hasMessage("maxConcurrentStreams: 0 (expected: 1 or more)");
    use();
    assertThatThrownBy(() -> routing().replayBufferBytes(-1))
        .hasMessageStartingWith("replayBufferBytes: -1 (expected: 0 to ");
  }
}
