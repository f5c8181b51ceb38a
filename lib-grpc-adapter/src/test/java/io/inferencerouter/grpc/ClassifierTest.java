package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.inferencerouter.FaultIsolated;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InputUnit;
import io.inferencerouter.RouterListener;
import io.inferencerouter.core.testing.Waiting;
import io.inferencerouter.grpc.test.Answer;
import io.inferencerouter.grpc.test.Ask;
import io.inferencerouter.grpc.test.ExchangeGrpc;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClassifierTest extends RoutedTest {
  private static final Metadata.Key<String> TENANT =
      Metadata.Key.of("x-tenant", Metadata.ASCII_STRING_MARSHALLER);

  private final List<FaultIsolated> heard = new CopyOnWriteArrayList<>();
  private final RouterListener listener =
      new RouterListener() {
        @Override
        public void faultIsolated(FaultIsolated event) {
          heard.add(event);
        }
      };

  @BeforeEach
  void serve() throws Exception {
    use(serve("only").endpoint().build());
  }

  private InferenceRequest classified() throws InterruptedException {
    return Waiting.take(observed.acquired, "a lease").request();
  }

  @Test
  void aMessageIsAsLargeAsItIsOnTheWire() throws Exception {
    Ask ask = ask(1).toBuilder().setPayload(ByteString.copyFrom(new byte[1_000])).build();
    assertThat(unary(ask).status()).isEqualTo(Status.OK);
    assertThat(classified())
        .isEqualTo(
            InferenceRequest.forAnyModel()
                .replayable(true)
                .input(InputUnit.BYTES, ask.getSerializedSize())
                .build());
  }

  @Test
  void aStreamOfMessagesIsRoutedBeforeThereIsOne() throws Exception {
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getChatMethod());
    RecordedListener<Answer> responses = new RecordedListener<>();
    call.start(responses, new Metadata());
    InferenceRequest request = classified();
    assertThat(request.hasInput(InputUnit.BYTES)).isFalse();
    assertThat(request.streaming()).isTrue();
    call.halfClose();
    assertThat(responses.status()).isEqualTo(Status.OK);
  }

  @Test
  void whatTheCallerStatesIsTakenAsItIs() throws Exception {
    InferenceRequest stated = InferenceRequest.forModel("llama").tenant("blue").build();
    channel =
        routing()
            .classifier(
                request -> {
                  throw new AssertionError("asked");
                })
            .build();
    ClientCall<Ask, Answer> call =
        channel.newCall(
            ExchangeGrpc.getUnaryMethod(),
            CallOptions.DEFAULT.withOption(RoutingChannel.INFERENCE_REQUEST, stated));
    assertThat(send(call, ask(1)).status()).isEqualTo(Status.OK);
    assertThat(classified()).isEqualTo(stated);
  }

  @Test
  void aClassifierSeesMethodHeadersAndMessage() throws Exception {
    channel =
        routing()
            .classifier(
                request -> {
                  Ask ask = (Ask) request.message().orElseThrow();
                  assertThat(request.method().getBareMethodName()).isEqualTo("Unary");
                  assertThat(request.serializedSize()).hasValue(ask.getSerializedSize());
                  assertThat(request.serializedHead(1 << 20)).isEqualTo(ask.toByteArray());
                  assertThat(ask.toByteArray())
                      .startsWith(request.serializedHead(5))
                      .hasSizeGreaterThan(5);
                  assertThat(request.serializedHead(5)).hasSize(5);
                  assertThatThrownBy(() -> request.serializedHead(0))
                      .hasMessage("limit: 0 (expected: above 0)");
                  return InferenceRequest.forAnyModel()
                      .tenant(request.headers().get(TENANT))
                      .build();
                })
            .listener(listener)
            .build();
    Metadata headers = new Metadata();
    headers.put(TENANT, "blue");
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getUnaryMethod());
    RecordedListener<Answer> responses = new RecordedListener<>();
    call.start(responses, headers);
    call.request(2);
    call.sendMessage(ask(100_000, 2, 3).toBuilder().setDescription("abc").build());
    call.halfClose();
    assertThat(responses.status()).isEqualTo(Status.OK);
    assertThat(heard).isEmpty();
    assertThat(classified().tenant()).isEqualTo("blue");
  }

  @Test
  void aClassifierThatThrowsHarmsNothing() throws Exception {
    IllegalStateException defect = new IllegalStateException("a defect");
    channel =
        routing()
            .classifier(
                request -> {
                  throw defect;
                })
            .listener(
                new RouterListener() {
                  @Override
                  public void faultIsolated(FaultIsolated event) {
                    throw new IllegalStateException("a defect of the listener");
                  }
                })
            .listener(listener)
            .build();
    assertThat(unary(ask(1)).status()).isEqualTo(Status.OK);
    assertThat(classified().input(InputUnit.BYTES)).isEqualTo(ask(1).getSerializedSize());
    assertThat(heard)
        .extracting(FaultIsolated::component)
        .containsExactly(FaultIsolated.Component.LISTENER, FaultIsolated.Component.CLASSIFIER);
    assertThat(heard.get(1).failure()).containsSame(defect);
  }

  @Test
  void aClassifierThatReturnsNullHarmsNothing() throws Exception {
    channel = routing().classifier(request -> null).listener(listener).build();
    assertThat(unary(ask(1)).status()).isEqualTo(Status.OK);
    assertThat(heard).hasSize(1);
  }
}
