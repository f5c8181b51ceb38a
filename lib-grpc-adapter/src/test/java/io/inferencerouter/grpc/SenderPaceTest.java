package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.core.testing.Waiting;
import io.inferencerouter.grpc.test.Answer;
import io.inferencerouter.grpc.test.Ask;
import io.inferencerouter.grpc.test.ExchangeGrpc;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A sender that looks whether a call is ready is never ahead of it, however threads interleave. */
class SenderPaceTest extends RoutedTest {
  private static final int MESSAGES = 50;

  /** Sends as long as the call is ready. */
  private static final class Sender extends RecordedListener<Answer> {
    private final ClientCall<Ask, Answer> call;
    private final AtomicInteger sent = new AtomicInteger();
    private volatile int sentWhenFirstTold = -1;

    Sender(ClientCall<Ask, Answer> call) {
      this.call = call;
    }

    @Override
    public void onReady() {
      super.onReady();
      while (sent.get() < MESSAGES && call.isReady()) {
        call.sendMessage(Ask.newBuilder().setNumber(sent.getAndIncrement()).build());
        if (sent.get() == MESSAGES) {
          call.halfClose();
        }
      }
      if (sentWhenFirstTold < 0) {
        sentWhenFirstTold = sent.get();
      }
    }
  }

  private void assertThatEverythingArrives(Sender sender) throws Exception {
    assertThat(sender.status()).isEqualTo(Status.OK);
    assertThat(sender.message().getNumber()).isEqualTo(MESSAGES);
    assertThat(sender.events).doesNotContain("TWO AT A TIME", "CLOSED TWICE");
  }

  @Test
  void whoIsAskedForTheFirstMessageIsNotReadyForASecond() throws Exception {
    use(serve("only").endpoint().build());
    channel =
        routing()
            .classifier(new PatientClassifier(InferenceRequest.anyModel()))
            .executor(SenderPaceTest::runElsewhere) // the thread that asks is held up
            .build();
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getUploadMethod());
    Sender sender = new Sender(call);
    call.start(sender, new Metadata());
    call.request(2);
    assertThatEverythingArrives(sender);
    assertThat(sender.sentWhenFirstTold).isEqualTo(1);
  }

  private static void runElsewhere(Runnable task) {
    CountDownLatch done = new CountDownLatch(1);
    new Thread(
            () -> {
              task.run();
              done.countDown();
            })
        .start();
    try {
      Waiting.await(done, "the caller to return");
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** What a sender has sent when the start of its call is about to return. */
  private final AtomicInteger sentWhileStarting = new AtomicInteger(-1);

  private volatile @Nullable Sender starting;

  /** Holds the start of a call up until its listener has been told that the call is ready. */
  private final class ReadyBeforeStartReturns implements ClientInterceptor {
    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      CountDownLatch told = new CountDownLatch(1);
      return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
        @Override
        public void start(Listener<A> listener, Metadata headers) {
          super.start(
              new SimpleForwardingClientCallListener<>(listener) {
                @Override
                public void onReady() {
                  super.onReady();
                  told.countDown();
                }
              },
              headers);
          try {
            Waiting.await(told, "the call to be ready");
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
          Sender sender = starting;
          if (sender != null) {
            sentWhileStarting.set(sender.sent.get());
          }
        }
      };
    }
  }

  private ManagedChannel slowToStart(Endpoint endpoint) {
    ManagedChannel fresh =
        NettyChannelBuilder.forAddress(endpoint.uri().getHost(), endpoint.uri().getPort())
            .usePlaintext()
            .intercept(new ReadyBeforeStartReturns())
            .build();
    made.add(fresh);
    return fresh;
  }

  @Test
  void aCallThatIsStillBeingStartedIsNotReady() throws Exception {
    ExchangeServer only = serve("only");
    channels = EndpointChannels.builder(this::slowToStart).build();
    router = router(only.endpoint().build()).build();
    channel = routing().build();
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getUploadMethod());
    Sender sender = new Sender(call);
    starting = sender;
    call.start(sender, new Metadata());
    call.request(2);
    assertThatEverythingArrives(sender);
    assertThat(sentWhileStarting).hasValue(0);
  }

  @Test
  void aCallbackThatThrowsAfterItWasHeldBackEndsTheCall() throws Exception {
    ExchangeServer only = serve("only");
    channels = EndpointChannels.builder(this::slowToStart).build();
    router = router(only.endpoint().build()).build();
    channel = routing().build();
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getUploadMethod());

    assertADefectOfTheCallerCancels(call);
  }
}
