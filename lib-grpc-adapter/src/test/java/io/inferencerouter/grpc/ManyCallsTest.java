package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.inferencerouter.core.testing.Waiting;
import io.inferencerouter.grpc.test.Answer;
import io.inferencerouter.grpc.test.Ask;
import io.inferencerouter.grpc.test.ExchangeGrpc;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ManyCallsTest extends RoutedTest {
  private static final int MESSAGES = 40;

  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void stopThreads() {
    threads.shutdownNow();
  }

  private void useTwo(int slots) throws Exception {
    ExchangeServer one = serve("one");
    ExchangeServer other = serve("other");
    channels = channels().maxConcurrentStreams(1_000).build();
    router =
        router(
                one.endpoint().maxConcurrency(slots).build(),
                other.endpoint().maxConcurrency(slots).build())
            .build();
    channel = routing().build();
  }

  @Test
  void aThousandStreamsAtATimeKeepTheirMessagesApart() throws Exception {
    useTwo(600);
    List<ClientCall<Ask, Answer>> calls = new ArrayList<>();
    List<RecordedListener<Answer>> listeners = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      calls.add(call(channel, ExchangeGrpc.getChatMethod()));
      listeners.add(new RecordedListener<>());
      calls.get(i).start(listeners.get(i), new Metadata());
      calls.get(i).request(Integer.MAX_VALUE);
    }
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 1_000; i++) {
        calls.get(i).sendMessage(ask(i % 7).toBuilder().setNumber(i * 10L + round).build());
      }
    }
    for (int i = 0; i < 1_000; i++) {
      for (int round = 0; round < 3; round++) {
        Answer answer = listeners.get(i).message();
        assertThat(answer.getNumber()).isEqualTo(i * 10L + round);
        assertThat(answer.getPayload().size()).isEqualTo(i % 7);
      }
    }
    assertThat(router.snapshot().inFlight()).isEqualTo(1_000);
    calls.forEach(ClientCall::halfClose);
    for (RecordedListener<Answer> listener : listeners) {
      assertThat(listener.status()).isEqualTo(Status.OK);
      assertThat(listener.messages).isEmpty();
    }
  }

  /** Sends numbered messages; the server says whether one is missing, doubled or out of order. */
  private Status upload() throws Exception {
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getUploadMethod());
    RecordedListener<Answer> listener = new RecordedListener<>();
    call.start(listener, new Metadata());
    call.request(2);
    for (int i = 0; i < MESSAGES; i++) {
      call.sendMessage(
          Ask.newBuilder().setNumber(i).setPayload(ByteString.copyFrom(new byte[i])).build());
    }
    call.halfClose();
    Status status = listener.status();
    assertThat(listener.events).doesNotContain("TWO AT A TIME", "CLOSED TWICE");
    if (status.isOk()) {
      Answer answer = listener.message();
      assertThat(answer.getNumber()).isEqualTo(MESSAGES);
      assertThat(answer.getReceived()).isEqualTo(MESSAGES * (MESSAGES - 1L) / 2);
    }
    return status;
  }

  @Test
  void whileServersDieAndComeBackNoMessageIsLostDoubledOrMisplaced() throws Exception {
    useTwo(64);
    AtomicBoolean enough = new AtomicBoolean();
    AtomicInteger uploads = new AtomicInteger();
    List<Future<Map<Status.Code, Integer>>> all = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      all.add(
          threads.submit(
              () -> {
                Map<Status.Code, Integer> codes = new EnumMap<>(Status.Code.class);
                while (!enough.get()) {
                  codes.merge(upload().getCode(), 1, Integer::sum);
                  uploads.incrementAndGet();
                }
                return codes;
              }));
    }
    for (int i = 0; i < 6; i++) {
      ExchangeServer victim = servers.get(i % 2);
      int before = uploads.get();
      Waiting.until(() -> uploads.get() > before + 20, "some calls");
      victim.kill();
      int dead = uploads.get();
      Waiting.until(() -> uploads.get() > dead + 20, "calls that go on without it");
      victim.restart();
      made.forEach(io.grpc.ManagedChannel::resetConnectBackoff);
    }
    enough.set(true);
    Map<Status.Code, Integer> codes = new EnumMap<>(Status.Code.class);
    for (Future<Map<Status.Code, Integer>> one : all) {
      one.get(Waiting.LIMIT_SECONDS, TimeUnit.SECONDS)
          .forEach((code, count) -> codes.merge(code, count, Integer::sum));
    }
    assertThat(codes.keySet())
        .as("DATA_LOSS says that messages were not what they should be: " + codes)
        .isSubsetOf(Status.Code.OK, Status.Code.UNAVAILABLE, Status.Code.CANCELLED);
    assertThat(codes.get(Status.Code.OK)).isGreaterThan(100);
  }

  @Test
  void aShutDownUnderLoadLetsEveryCallEnd() throws Exception {
    useTwo(3);
    List<RecordedListener<Answer>> listeners = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      listeners.add(unary(ask(1_000)));
    }
    channel.shutdown();
    for (RecordedListener<Answer> listener : listeners) {
      assertThat(listener.status()).isEqualTo(Status.OK);
    }
    assertThat(channel.awaitTermination(Waiting.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void anImmediateShutDownUnderLoadEndsEveryCall() throws Exception {
    useTwo(3);
    AtomicBoolean refused = new AtomicBoolean();
    List<Future<?>> all = new ArrayList<>();
    AtomicInteger answered = new AtomicInteger();
    for (int t = 0; t < 8; t++) {
      all.add(
          threads.submit(
              () -> {
                while (!refused.get()) {
                  Status status = unary(ask(1_000)).status();
                  answered.incrementAndGet();
                  if (!status.isOk()) {
                    assertThat(status.getCode())
                        .isIn(Status.Code.UNAVAILABLE, Status.Code.CANCELLED);
                    refused.set(true);
                  }
                }
                return null;
              }));
    }
    Waiting.until(() -> answered.get() > 200, "calls under way");
    channel.shutdownNow();
    for (Future<?> one : all) {
      one.get(Waiting.LIMIT_SECONDS, TimeUnit.SECONDS);
    }
    assertThat(channel.awaitTermination(Waiting.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
  }
}
