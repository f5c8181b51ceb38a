package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.Status;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.core.testing.VirtualScheduler;
import io.inferencerouter.core.testing.Waiting;
import io.inferencerouter.grpc.test.Answer;
import io.inferencerouter.grpc.test.Ask;
import io.inferencerouter.grpc.test.ExchangeGrpc;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FlowControlTest extends RoutedTest {
  private static final int MEGABYTE = 1 << 20;

  private final GrpcRequestClassifier patient =
      new PatientClassifier(InferenceRequest.forAnyModel().replayable(true).build());

  private ExchangeServer server;

  @BeforeEach
  void serve() throws Exception {
    server = serve("only");
    use(server.endpoint().maxConcurrency(2).build());
  }

  private static Ask megabyte(int number) {
    return Ask.newBuilder()
        .setNumber(number)
        .setPayload(ByteString.copyFrom(new byte[MEGABYTE]))
        .build();
  }

  @Test
  void noMessageComesThatWasNotRequested() throws Exception {
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getDownloadMethod());
    RecordedListener<Answer> listener = new RecordedListener<>();
    call.start(listener, new Metadata());
    call.sendMessage(ask(1, 2, 3, 4));
    call.halfClose();
    call.request(2);
    assertThat(listener.message().getNumber()).isZero();
    assertThat(listener.message().getNumber()).isEqualTo(1);
    assertThat(listener.isClosed()).isFalse();
    assertThat(listener.messages).isEmpty();
    call.request(1);
    assertThat(listener.message().getNumber()).isEqualTo(2);
    call.request(2);
    assertThat(listener.message().getNumber()).isEqualTo(3);
    assertThat(listener.status()).isEqualTo(Status.OK);
  }

  @Test
  void aReaderThatStallsStallsTheServer() throws Exception {
    int[] sizes = new int[50];
    java.util.Arrays.fill(sizes, MEGABYTE);
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getDownloadMethod());
    RecordedListener<Answer> listener = new RecordedListener<>();
    call.start(listener, new Metadata());
    call.sendMessage(ask(sizes));
    call.halfClose();
    for (int i = 0; i < 50; i++) {
      call.request(1);
      assertThat(listener.message().getNumber()).isEqualTo(i);
      assertThat(listener.messages).isEmpty();
    }
    call.request(1);
    assertThat(listener.status()).isEqualTo(Status.OK);
  }

  @Test
  void aStalledReaderCanLeave() throws Exception {
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getDownloadMethod());
    RecordedListener<Answer> listener = new RecordedListener<>();
    call.start(listener, new Metadata());
    call.sendMessage(ask(MEGABYTE, MEGABYTE, MEGABYTE));
    call.halfClose();
    call.request(1);
    listener.message();
    call.cancel("read enough", null);
    assertThat(listener.status().getCode()).isEqualTo(Status.Code.CANCELLED);
  }

  @Test
  void anAnswerThatIsNeverReadDoesNotKeepItsLease() throws Exception {
    VirtualScheduler scheduler = new VirtualScheduler();
    channel = routing().scheduler(scheduler).build();
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getDownloadMethod());
    RecordedListener<Answer> listener = new RecordedListener<>();
    call.start(listener, new Metadata());
    call.sendMessage(ask(1, 2));
    call.halfClose();
    Waiting.until(() -> scheduler.pending() == 1, "the answer to arrive");
    scheduler.advanceMillis(9_999);
    assertThat(router.snapshot().inFlight()).isEqualTo(1);
    scheduler.advanceMillis(1);
    assertThat(router.snapshot().inFlight()).isZero();
    call.request(3);
    assertThat(listener.status()).isEqualTo(Status.OK);
    assertThat(listener.messages).hasSize(2);
  }

  /** Sends as a good sender does: only when the call is ready. */
  private static final class Sender extends RecordedListener<Answer> {
    private final ClientCall<Ask, Answer> call;
    private final int count;
    private int next;
    private boolean done;

    Sender(ClientCall<Ask, Answer> call, int count) {
      this.call = call;
      this.count = count;
    }

    @Override
    public void onReady() {
      super.onReady();
      while (next < count && call.isReady()) {
        call.sendMessage(megabyte(next++));
      }
      if (next == count && !done) {
        done = true;
        call.halfClose();
      }
    }
  }

  private void assertThatEverythingArrives(ClientCall<Ask, Answer> call) throws Exception {
    Sender sender = new Sender(call, 20);
    call.start(sender, new Metadata());
    call.request(2);
    assertThat(sender.status()).isEqualTo(Status.OK);
    Answer answer = sender.message();
    assertThat(answer.getNumber()).isEqualTo(20);
    assertThat(answer.getReceived()).isEqualTo(20L * MEGABYTE);
    assertThat(sender.events).doesNotContain("TWO AT A TIME", "CLOSED TWICE");
  }

  @Test
  void aSenderThatWaitsToBeReadySendsEverything() throws Exception {
    assertThatEverythingArrives(call(channel, ExchangeGrpc.getUploadMethod()));
  }

  @Test
  void aSenderIsAskedForTheMessageThatDecidesTheRoute() throws Exception {
    channel = routing().classifier(patient).build();
    assertThatEverythingArrives(call(channel, ExchangeGrpc.getUploadMethod()));
  }

  @Test
  void aCallThatWaitsForASlotIsNotReadyAndSaysWhenItIs() throws Exception {
    occupyAllSlots();
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getUploadMethod());
    Sender sender = new Sender(call, 3);
    call.start(sender, new Metadata());
    call.request(2);
    observed.awaitQueued();
    assertThat(call.isReady()).isFalse();
    assertThat(sender.ready).hasValue(0);
    assertThat(call.getAttributes()).isEqualTo(Attributes.EMPTY);
    freeSlots();
    assertThat(sender.status()).isEqualTo(Status.OK);
    assertThat(sender.message().getNumber()).isEqualTo(3);
    assertThat(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)).isNotNull();
  }

  @Test
  void aSenderThatDoesNotWaitIsStoppedBeforeItFillsTheMemory() throws Exception {
    channel = routing().routingBufferBytes(2 * MEGABYTE).build();
    occupyAllSlots();
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getUploadMethod());
    RecordedListener<Answer> listener = new RecordedListener<>();
    call.start(listener, new Metadata());
    for (int i = 0; i < 10; i++) {
      call.sendMessage(megabyte(i));
    }
    call.halfClose();
    assertThat(listener.status().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(listener.status().getDescription()).contains("bytes (expected: at most 2097152");
    Waiting.until(() -> router.snapshot().queued() == 0, "the queue to be empty");
  }

  @Test
  void aCallbackThatThrowsWhileTheRouteIsUndecidedCancelsTheCall() throws Exception {
    channel = routing().classifier(patient).build();
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getUploadMethod());

    assertADefectOfTheCallerCancels(call);
  }

  @Test
  void nothingElseIsHeardWhileTheCallerIsAskedForTheFirstMessage() throws Exception {
    channel = routing().classifier(patient).build();
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getChatMethod());
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    RecordedListener<Answer> listener =
        new RecordedListener<>() {
          private final AtomicInteger calls = new AtomicInteger();

          @Override
          public void onReady() {
            if (calls.getAndIncrement() == 0) {
              asked.countDown();
              try {
                Waiting.await(goOn, "the test to go on");
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            }
          }
        };
    call.start(listener, new Metadata());
    Waiting.await(asked, "the caller to be asked");
    call.request(1);
    call.sendMessage(ask(3));
    call.cancel("changed my mind", null);
    assertThat(listener.isClosed()).isFalse();
    goOn.countDown();
    assertThat(listener.status().getCode()).isEqualTo(Status.Code.CANCELLED);
  }

  @Test
  void theCompressionOfMessagesIsTheCallers() throws Exception {
    ClientCall<Ask, Answer> call =
        channel.newCall(
            ExchangeGrpc.getUploadMethod(), CallOptions.DEFAULT.withCompression("gzip"));
    occupyAllSlots();
    RecordedListener<Answer> listener = new RecordedListener<>();
    call.start(listener, new Metadata());
    call.request(2);
    call.setMessageCompression(true);
    call.sendMessage(megabyte(0));
    call.setMessageCompression(false);
    call.sendMessage(megabyte(1));
    call.halfClose();
    freeSlots();
    assertThat(listener.status()).isEqualTo(Status.OK);
    assertThat(listener.message().getReceived()).isEqualTo(2L * MEGABYTE);
    assertThat(
            Waiting.take(server.headers, "the headers")
                .get(Metadata.Key.of("grpc-encoding", Metadata.ASCII_STRING_MARSHALLER)))
        .isEqualTo("gzip");
  }

  @Test
  void misuseIsToldAsByAnyOtherChannel() throws Exception {
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getUploadMethod());
    assertThatThrownBy(() -> call.request(1)).hasMessage("Not started");
    assertThatThrownBy(() -> call.sendMessage(ask())).hasMessage("Not started");
    assertThatThrownBy(call::halfClose).hasMessage("Not started");
    RecordedListener<Answer> listener = new RecordedListener<>();
    call.start(listener, new Metadata());
    assertThatThrownBy(() -> call.start(new RecordedListener<>(), new Metadata()))
        .hasMessage("Already started");
    assertThatThrownBy(() -> call.request(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Number requested must be non-negative");
    call.halfClose();
    assertThatThrownBy(() -> call.sendMessage(ask())).hasMessage("call was half-closed");
    assertThatThrownBy(call::halfClose).hasMessage("call already half-closed");
    call.request(2);
    assertThat(listener.status()).isEqualTo(Status.OK);
  }
}
