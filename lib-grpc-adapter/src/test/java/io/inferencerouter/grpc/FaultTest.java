package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.testing.Waiting;
import io.inferencerouter.grpc.RawHttp2Server.Treatment;
import io.inferencerouter.grpc.test.Answer;
import io.inferencerouter.grpc.test.Ask;
import io.inferencerouter.grpc.test.ExchangeGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What servers and connections do to calls; that nothing stays behind is looked at in the end. */
class FaultTest extends RoutedTest {
  @Test
  void aServerThatDiesWithinAStreamFailsThatStreamOnly() throws Exception {
    ExchangeServer one = serve("one");
    ExchangeServer other = serve("other");
    use(one.endpoint().build(), other.endpoint().build());
    List<ClientCall<Ask, Answer>> calls = new ArrayList<>();
    List<RecordedListener<Answer>> listeners = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      calls.add(chat());
      listeners.add(open(calls.get(i)));
      calls.get(i).sendMessage(ask(5));
    }
    List<String> servedBy = new ArrayList<>();
    for (RecordedListener<Answer> listener : listeners) {
      servedBy.add(listener.message().getServer());
    }
    assertThat(servedBy).contains("one", "other");
    one.kill();
    for (int i = 0; i < 8; i++) {
      if (servedBy.get(i).equals("one")) {
        assertThat(listeners.get(i).status().getCode())
            .isIn(Status.Code.UNAVAILABLE, Status.Code.CANCELLED);
      } else {
        calls.get(i).sendMessage(ask(6));
        calls.get(i).halfClose();
        assertThat(listeners.get(i).status()).isEqualTo(Status.OK);
        assertThat(listeners.get(i).messages).hasSize(1);
      }
      assertThat(listeners.get(i).events).doesNotContain("TWO AT A TIME", "CLOSED TWICE");
    }
  }

  @Test
  void aServerThatGoesAwayFinishesItsStreams() throws Exception {
    ExchangeServer one = serve("one");
    ExchangeServer other = serve("other");
    use(one.endpoint().build());
    ClientCall<Ask, Answer> call = chat();
    RecordedListener<Answer> listener = open(call);
    call.sendMessage(ask(5));
    listener.message();
    one.goAway();
    router.updateEndpoints(List.of(one.endpoint().build(), other.endpoint().build()));
    boolean moved = false;
    // Before it has heard of it, the client may send to the server that goes, and is answered.
    for (int i = 0; i < 1_000 && !moved; i++) {
      RecordedListener<Answer> next = unary(ask(1));
      assertThat(next.status()).isEqualTo(Status.OK);
      moved = next.message().getServer().equals("other");
    }
    assertThat(moved).isTrue();
    call.sendMessage(ask(6));
    assertThat(listener.message().getPayload().size()).isEqualTo(6);
    call.halfClose();
    assertThat(listener.status()).isEqualTo(Status.OK);
  }

  @Test
  void aServerThatNeverAnswersIsLeftAtTheDeadline() throws Exception {
    try (RawHttp2Server raw = new RawHttp2Server(Treatment.IGNORE, 100)) {
      use(raw.endpoint("raw").build());
      RecordedListener<Answer> listener =
          send(
              channel.newCall(
                  ExchangeGrpc.getUnaryMethod(),
                  CallOptions.DEFAULT.withDeadlineAfter(1, TimeUnit.SECONDS)),
              ask(1));
      assertThat(listener.status().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
      assertThat(observed.outcome()).isEqualTo(Outcome.timeout());
    }
  }

  @Test
  void aServerThatComesBackIsUsedAgain() throws Exception {
    ExchangeServer only = serve("only");
    use(only.endpoint().build());
    assertThat(unary(ask(1)).status()).isEqualTo(Status.OK);
    only.kill();
    assertThat(unary(ask(1)).status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    only.restart();
    made.forEach(ManagedChannel::resetConnectBackoff);
    Waiting.until(
        () -> {
          try {
            return unary(ask(1)).status().isOk();
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        },
        "the server to be found again");
  }

  @Test
  void shuttingDownLetsCallsFinishAndTakesNoNewOnes() throws Exception {
    ExchangeServer only = serve("only");
    use(only.endpoint().maxConcurrency(2).build());
    ClientCall<Ask, Answer> call = chat();
    RecordedListener<Answer> open = open(call);
    call.sendMessage(ask(5));
    open.message();
    occupySlots(1);
    RecordedListener<Answer> queued = unary(ask(7));
    observed.awaitQueued();
    channel.shutdown();
    assertThat(channel.isShutdown()).isTrue();
    RecordedListener<Answer> late = unary(ask(1));
    assertThat(late.status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(late.status().getDescription()).isEqualTo("Channel shutdown invoked");
    assertThat(channel.awaitTermination(1, TimeUnit.MILLISECONDS)).isFalse();
    freeSlots();
    assertThat(queued.status()).isEqualTo(Status.OK);
    call.sendMessage(ask(6));
    call.halfClose();
    assertThat(open.status()).isEqualTo(Status.OK);
    assertThat(open.message().getPayload().size()).isEqualTo(6);
    assertThat(channel.awaitTermination(Waiting.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void shuttingDownAtOnceEndsEveryCallAtWhateverStage() throws Exception {
    ExchangeServer only = serve("only");
    use(only.endpoint().maxConcurrency(1).build());
    List<RecordedListener<Answer>> all = new ArrayList<>();
    RecordedListener<Answer> sent = unary(hang());
    Waiting.take(only.service.asked, "the request");
    all.add(sent);
    all.add(unary(hang()));
    observed.awaitQueued();
    channel.shutdownNow();
    for (RecordedListener<Answer> listener : all) {
      assertThat(listener.status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(listener.status().getDescription()).contains("shutdownNow");
    }
    assertThat(observed.outcome()).isEqualTo(Outcome.cancelled());
    assertThat(channel.awaitTermination(Waiting.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(only.service.calls).hasValue(1);
  }

  @Test
  void aClosedRouterClosesTheChannelsWhenItIsFound() throws Exception {
    ExchangeServer only = serve("only");
    use(only.endpoint().build());
    assertThat(unary(ask(1)).status()).isEqualTo(Status.OK);
    router.close();
    assertThat(unary(ask(1)).status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    Waiting.until(() -> made.get(0).isTerminated(), "the channel to end");
  }

  @Test
  void noThreadIsLeftBehind() throws Exception {
    Set<Thread> before = timers(); // of other tests
    ExchangeServer only = serve("only");
    use(only.endpoint().build());
    RecordedListener<Answer> listener =
        send(
            channel.newCall(
                ExchangeGrpc.getUnaryMethod(),
                CallOptions.DEFAULT.withDeadlineAfter(1, TimeUnit.HOURS)),
            ask(1));
    assertThat(listener.status()).isEqualTo(Status.OK);
    Set<Thread> own = timers();
    own.removeAll(before);
    assertThat(own).hasSize(1);
    channel.shutdown();
    Waiting.until(() -> own.stream().noneMatch(Thread::isAlive), "the timer to end");
  }

  private static Set<Thread> timers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals(Timers.THREAD_NAME))
        .collect(Collectors.toSet());
  }
}
