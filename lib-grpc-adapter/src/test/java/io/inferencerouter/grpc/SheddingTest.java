package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.RetryInfo;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.Status;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.NoEndpointException;
import io.inferencerouter.Outcome;
import io.inferencerouter.OverloadedException;
import io.inferencerouter.core.RetryPolicy;
import io.inferencerouter.core.testing.VirtualScheduler;
import io.inferencerouter.core.testing.Waiting;
import io.inferencerouter.grpc.test.Answer;
import io.inferencerouter.grpc.test.Ask;
import io.inferencerouter.grpc.test.ExchangeGrpc;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SheddingTest extends RoutedTest {
  private final VirtualScheduler scheduler = new VirtualScheduler();

  private RecordedListener<Answer> send(InferenceRequest request) {
    return send(
        channel.newCall(
            ExchangeGrpc.getUnaryMethod(),
            CallOptions.DEFAULT.withOption(RoutingChannel.INFERENCE_REQUEST, request)),
        ask(1));
  }

  /** Each call is one attempt, and time stands still. */
  private void useOnce(Endpoint endpoint) {
    channels = channels().build();
    router =
        router(endpoint)
            .retries(RetryPolicy.none())
            .ticker(scheduler::nanos)
            .scheduler(scheduler)
            .executor(Runnable::run)
            .build();
    channel = routing().build();
  }

  private void assertRefused(RecordedListener<Answer> listener, Status.Code code) throws Exception {
    assertThat(listener.status().getCode()).isEqualTo(code);
    assertThat(listener.status().getDescription()).contains("(expected: ");
    assertThat(listener.status().getCause()).isInstanceOf(NoEndpointException.class);
    assertThat(listener.transcript()).containsExactly("close");
  }

  @Test
  void aCallThatIsShedSaysWhenToTryAgain() throws Exception {
    use(serve("only").endpoint().maxConcurrency(1).build());
    occupyAllSlots();
    RecordedListener<Answer> listener =
        send(InferenceRequest.forAnyModel().maxQueueTime(Duration.ZERO).build());
    assertThat(listener.status().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(listener.status().getCause()).isInstanceOf(OverloadedException.class);
    Metadata trailers = listener.end().trailers();
    long millis = Long.parseLong(trailers.get(Pushback.MILLIS));
    assertThat(millis).isPositive();
    com.google.rpc.Status details = com.google.rpc.Status.parseFrom(trailers.get(Pushback.DETAILS));
    assertThat(details.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED.value());
    assertThat(details.getMessage()).isEqualTo(listener.status().getDescription());
    RetryInfo retry = details.getDetails(0).unpack(RetryInfo.class);
    com.google.protobuf.Duration delay = retry.getRetryDelay();
    assertThat(Duration.ofSeconds(delay.getSeconds(), delay.getNanos()))
        .isEqualTo(Duration.ofMillis(millis));
  }

  @Test
  void withoutEndpointsACallIsUnavailable() throws Exception {
    use();
    assertRefused(send(InferenceRequest.anyModel()), Status.Code.UNAVAILABLE);
  }

  @Test
  void aModelThatNobodyServesIsNotFound() throws Exception {
    use(serve("only").endpoint().model("known").build());
    assertRefused(send(InferenceRequest.forModel("unknown").build()), Status.Code.NOT_FOUND);
    assertThat(send(InferenceRequest.forModel("known").build()).status()).isEqualTo(Status.OK);
  }

  @Test
  void aRegionInWhichNobodyServesIsAFailedPrecondition() throws Exception {
    use(serve("only").endpoint().region("us").build());
    assertRefused(
        send(InferenceRequest.forAnyModel().allowedRegions("eu").build()),
        Status.Code.FAILED_PRECONDITION);
  }

  @Test
  void aServerThatIsExhaustedIsRateLimitedForAsLongAsItSays() throws Exception {
    ExchangeServer only = serve("only");
    only.trailers =
        Pushback.trailers(
            Status.Code.RESOURCE_EXHAUSTED.value(), "later", Duration.ofMillis(2_500));
    useOnce(only.endpoint().build());
    Ask exhausted = Ask.newBuilder().setCode(Status.Code.RESOURCE_EXHAUSTED.value()).build();
    assertThat(unary(exhausted).status().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(observed.outcome()).isEqualTo(Outcome.rateLimited(Duration.ofMillis(2_500)));
    scheduler.advanceMillis(1_000);
    RecordedListener<Answer> tooEarly = unary(exhausted);
    assertThat(tooEarly.status().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(tooEarly.end().trailers().get(Pushback.MILLIS)).isEqualTo("1500");
    assertThat(only.service.calls).as("it is left alone").hasValue(1);
    scheduler.advanceMillis(1_500);
    only.trailers.discardAll(Pushback.MILLIS);
    assertThat(unary(exhausted).status().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(observed.outcome()).isEqualTo(Outcome.rateLimited(Duration.ofMillis(2_500)));
    scheduler.advanceMillis(2_500);
    only.trailers.discardAll(Pushback.DETAILS);
    for (int i = 0; i < 10; i++) {
      assertThat(unary(exhausted).status().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      assertThat(observed.outcome()).isEqualTo(Outcome.rateLimited());
    }
    assertThat(only.service.calls).as("who names no time and is alone, is asked").hasValue(12);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gRPC message exceeds maximum size 4194304: 5000000",
        "grpc: received message larger than max (5000000 vs. 4194304)",
        "SERVER: Received message larger than max (5000000 vs. 4194304)"
      })
  void aMessageThatIsTooLargeSaysNothingOfQuota(String description) throws Exception {
    ExchangeServer one = serve("one");
    ExchangeServer other = serve("other");
    use(one.endpoint().build(), other.endpoint().build());
    Ask tooLarge =
        Ask.newBuilder()
            .setCode(Status.Code.RESOURCE_EXHAUSTED.value())
            .setDescription(description)
            .build();
    assertThat(unary(tooLarge).status().getDescription()).isEqualTo(description);
    assertThat(observed.outcome()).isEqualTo(Outcome.rejected());
    assertThat(one.service.calls.get() + other.service.calls.get()).isEqualTo(1);
  }

  @Test
  void anAnswerThatIsTooLargeForTheCallerIsTheCallers() throws Exception {
    use(serve("only").endpoint().build());
    RecordedListener<Answer> listener = unary(ask(17 << 20));
    assertThat(listener.status().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(observed.outcome()).isEqualTo(Outcome.rejected());
  }

  @Test
  void everyStatusHasItsOutcome() throws Exception {
    useOnce(serve("only").endpoint().build());
    for (Status.Code code : Status.Code.values()) {
      if (code == Status.Code.OK || code == Status.Code.UNAVAILABLE) {
        continue;
      }
      assertThat(unary(Ask.newBuilder().setCode(code.value()).build()).status().getCode())
          .isEqualTo(code);
      assertThat(observed.outcome().kind())
          .as(code.name())
          .isEqualTo(
              switch (code) {
                case DEADLINE_EXCEEDED -> Outcome.Kind.TIMEOUT;
                case RESOURCE_EXHAUSTED -> Outcome.Kind.RATE_LIMITED;
                case CANCELLED, INTERNAL, UNKNOWN, DATA_LOSS -> Outcome.Kind.SERVER_FAULT;
                default -> Outcome.Kind.REJECTED;
              });
    }
  }

  @Test
  void theFirstMessageIsTheFirstOutput() throws Exception {
    ExchangeServer only = serve("only");
    Endpoint endpoint = only.endpoint().build();
    use(endpoint);
    var call = call(channel, ExchangeGrpc.getChatMethod());
    RecordedListener<Answer> listener = new RecordedListener<>();
    call.start(listener, new Metadata());
    call.request(10);
    call.sendMessage(hang());
    Waiting.take(only.service.asked, "the request");
    assertThat(observed.firstTokens).isEmpty();
    call.sendMessage(ask(1, 1));
    listener.message();
    Waiting.take(observed.firstTokens, "the first output");
    call.halfClose();
    assertThat(listener.status()).isEqualTo(Status.OK);
    assertThat(observed.firstTokens).isEmpty();
  }
}
