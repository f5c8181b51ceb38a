package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.MethodDescriptor.MethodType;
import io.inferencerouter.Lease;
import io.inferencerouter.core.testing.Waiting;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class TurnTest {
  private final AtomicInteger beats = new AtomicInteger();
  private final AtomicInteger tellings = new AtomicInteger();
  private final Lease lease = lease(now -> heldBack = now);

  private volatile boolean heldBack;

  private Lease lease(Consumer<Boolean> backpressure) {
    return (Lease)
        Proxy.newProxyInstance(
            Lease.class.getClassLoader(),
            new Class<?>[] {Lease.class},
            (self, method, arguments) -> {
              switch (method.getName()) {
                case "backpressure" -> {
                  tellings.incrementAndGet();
                  backpressure.accept((Boolean) arguments[0]);
                }
                case "progress" -> {
                  assertThat(arguments[0]).isEqualTo(0L);
                  beats.incrementAndGet();
                }
                default -> throw new AssertionError(method);
              }
              return null;
            });
  }

  private Turn turn(MethodType type) {
    Turn turn = Turn.of(type);
    turn.tell(lease);
    return turn;
  }

  @Test
  void aReaderWhoWantsNothingHoldsTheAnswerBack() {
    Turn turn = turn(MethodType.SERVER_STREAMING);
    assertThat(heldBack).isTrue();
    turn.request(2);
    assertThat(heldBack).isFalse();
    turn.answered();
    assertThat(heldBack).as("as long as he has not returned").isTrue();
    turn.leave();
    assertThat(heldBack).isFalse();
    turn.answered();
    turn.leave();
    assertThat(heldBack).isTrue();
  }

  @Test
  void whatWasWantedBeforeThereWasALeaseCounts() {
    Turn turn = Turn.of(MethodType.SERVER_STREAMING);
    turn.request(1);
    turn.tell(lease);
    assertThat(tellings).hasValue(1);
    assertThat(heldBack).isFalse();
  }

  @Test
  void inADialogueTheLastWhoSpokeWaits() {
    Turn turn = turn(MethodType.BIDI_STREAMING);
    turn.request(Integer.MAX_VALUE);
    assertThat(heldBack).isTrue();
    turn.say();
    assertThat(heldBack).isFalse();
    assertThat(beats).hasValue(1);
    turn.answered();
    turn.leave();
    assertThat(heldBack).isTrue();
    turn.sayAll();
    turn.answered();
    turn.leave();
    assertThat(heldBack).as("the rest of the answer is due").isFalse();
  }

  @Test
  void withoutStreamsNobodyIsTold() {
    Turn turn = turn(MethodType.UNARY);
    turn.request(2);
    turn.answered();
    turn.leave();
    assertThat(tellings).hasValue(0);
  }

  @Test
  void whateverTheInterleavingTheLastWordIsRight() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      for (int round = 0; round < 2_000; round++) {
        Turn turn = turn(MethodType.SERVER_STREAMING);
        turn.request(1);
        CountDownLatch start = new CountDownLatch(2);
        List<Future<?>> both = new ArrayList<>();
        both.add(threads.submit(() -> together(start, () -> turn.request(1))));
        both.add(
            threads.submit(
                () ->
                    together(
                        start,
                        () -> {
                          turn.answered();
                          turn.leave();
                        })));
        for (Future<?> one : both) {
          one.get(Waiting.LIMIT_SECONDS, TimeUnit.SECONDS);
        }
        assertThat(heldBack).isFalse();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void whoEndsHisPartWhileAnAnswerComesWaitsForTheRest() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    long start = System.nanoTime();
    try {
      // As often as there is time for
      for (int round = 0;
          round < 500 && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(2);
          round++) {
        assertThat(heldBackAfterTheLastWord(threads, 200)).isZero();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** How many of so many turns are the caller's, after he has said all during an answer. */
  private long heldBackAfterTheLastWord(ExecutorService threads, int count) throws Exception {
    List<Turn> turns = new ArrayList<>();
    List<AtomicBoolean> heldBack = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      AtomicBoolean one = new AtomicBoolean();
      heldBack.add(one);
      Turn turn = Turn.of(MethodType.BIDI_STREAMING);
      turn.tell(lease(one::set));
      turn.request(Integer.MAX_VALUE);
      turn.say();
      turns.add(turn);
    }
    AtomicIntegerArray arrived = new AtomicIntegerArray(count);
    Consumer<Turn> answer =
        turn -> {
          turn.answered();
          turn.leave();
        };
    Future<?> one = threads.submit(() -> eachTogether(turns, arrived, Turn::sayAll));
    Future<?> other = threads.submit(() -> eachTogether(turns, arrived, answer));
    one.get(Waiting.LIMIT_SECONDS, TimeUnit.SECONDS);
    other.get(Waiting.LIMIT_SECONDS, TimeUnit.SECONDS);
    return heldBack.stream().filter(AtomicBoolean::get).count();
  }

  /** Two threads do something with each turn, as nearly at the same time as they can. */
  private static void eachTogether(
      List<Turn> turns, AtomicIntegerArray arrived, Consumer<Turn> action) {
    for (int i = 0; i < turns.size(); i++) {
      int place = i;
      if (arrived.incrementAndGet(place) < 2) {
        Waiting.until(() -> arrived.get(place) == 2, "the other thread");
      } else {
        for (int spin = 0; spin < i % 64; spin++) {
          Thread.onSpinWait(); // by how much the other one sees it later
        }
      }
      action.accept(turns.get(i));
    }
  }

  private static void together(CountDownLatch start, Runnable action) {
    start.countDown();
    try {
      Waiting.await(start, "the other thread");
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    action.run();
  }
}
