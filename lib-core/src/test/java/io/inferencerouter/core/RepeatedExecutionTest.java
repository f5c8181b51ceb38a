package io.inferencerouter.core;

import static io.inferencerouter.core.testing.Idle.assertIdle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.inferencerouter.AttemptsExhaustedException;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.NoEndpointException;
import io.inferencerouter.Outcome;
import io.inferencerouter.RetryRefused;
import io.inferencerouter.Revocation;
import io.inferencerouter.RouterClosedException;
import io.inferencerouter.core.testing.RecordingListener;
import io.inferencerouter.core.testing.VirtualTime;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Attempt functions that fail. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RepeatedExecutionTest {
  private static final InferenceRequest UNSAFE = InferenceRequest.forModel("m").build();
  private static final InferenceRequest REQUEST = UNSAFE.toBuilder().idempotent(true).build();

  private final VirtualTime time = new VirtualTime();
  private final RecordingListener events = new RecordingListener();
  private final List<String> tried = new ArrayList<>();
  private Duration backoff = Duration.ZERO;
  private InferenceRouter router = router("a", "b");

  private InferenceRouter router(String... ids) {
    InferenceRouters.Builder builder =
        InferenceRouters.builder()
            .ticker(time)
            .scheduler(time)
            .random(() -> -1)
            .executor(Runnable::run)
            .listener(events)
            .stalls(StallPolicy.none())
            .leaks(LeakPolicy.none())
            .retries(RetryPolicy.builder().backoff(backoff).build());
    for (String id : ids) {
      builder.endpoint(Endpoint.builder(id, "http://" + id).maxConcurrency(1).build());
    }
    return builder.build();
  }

  private void withBackoff() {
    backoff = Duration.ofMillis(25);
    router = router("a", "b");
  }

  @AfterEach
  void nothingIsLeft() {
    assertIdle(router);
    assertThat(time.pending()).isZero();
  }

  private String fail(Lease lease) throws IOException {
    tried.add(lease.endpoint().id());
    throw new IOException("broken " + tried.size());
  }

  private String failOnce(Lease lease) throws IOException {
    return tried.isEmpty() ? fail(lease) : "from " + lease.endpoint().id();
  }

  @Test
  void anAttemptThatThrowsIsRepeatedElsewhere() throws Exception {
    String answer = router.execute(REQUEST, this::failOnce);

    assertThat(answer).startsWith("from ").isNotEqualTo("from " + tried.get(0));
  }

  @Test
  void whatTheLastAttemptThrewReachesTheCallerWithTheOthersSuppressed() {
    assertThatThrownBy(() -> router.execute(REQUEST, this::fail))
        .isInstanceOf(IOException.class)
        .hasMessage("broken 3")
        .satisfies(
            last -> {
              assertThat(last.getSuppressed()[1]).hasMessage("broken 2");
              assertThat(last.getSuppressed()[2]).hasMessage("broken 1");
            });
    assertThat(tried).hasSize(3);
  }

  @Test
  void whereAnotherAttemptWouldHaveBeenSafeTheFailureNamesTheStateOfEachEndpoint() {
    router.eject("b", Duration.ofSeconds(30));

    assertThatThrownBy(() -> router.execute(REQUEST, this::fail))
        .satisfies(RepeatedExecutionTest::namesAllStates);
    assertThatThrownBy(
            () ->
                router
                    .executeAsync(
                        REQUEST, lease -> CompletableFuture.failedFuture(new IOException("broken")))
                    .join())
        .cause()
        .satisfies(RepeatedExecutionTest::namesAllStates);
    router.reinstate("b");
    time.advance(Duration.ofSeconds(30));
  }

  private static void namesAllStates(Throwable failure) {
    AttemptsExhaustedException why =
        Arrays.stream(failure.getSuppressed())
            .filter(AttemptsExhaustedException.class::isInstance)
            .map(AttemptsExhaustedException.class::cast)
            .findAny()
            .orElseThrow();
    assertThat(why.reason()).isEqualTo(RetryRefused.Reason.ATTEMPTS);
    assertThat(why)
        .hasMessageMatching(
            "attempts: 3 made, no other because of ATTEMPTS \\(expected: one that succeeds\\);"
                + " endpoints: a WARMING \\(0 in flight, failures in a row: [36]\\),"
                + " b EJECTED for PT30S \\(requested\\)");
  }

  @Test
  void whereThereAreManyEndpointsTheFirstAreNamedAndTheOthersCounted() {
    router = router(IntStream.range(0, 19).mapToObj(i -> "e" + i).toArray(String[]::new));

    assertThatThrownBy(() -> router.execute(REQUEST, this::fail))
        .satisfies(
            last ->
                assertThat(last.getSuppressed()[0])
                    .hasMessageContaining("endpoints: e0 ")
                    .hasMessageContaining(", e15 ")
                    .hasMessageEndingWith(" and 3 more")
                    .hasMessageNotContaining("e16"));
  }

  @Test
  void whatIsNotSafeToBeRepeatedFailsWithNothingMore() {
    assertThatThrownBy(() -> router.execute(UNSAFE, this::fail)).hasNoSuppressedExceptions();
  }

  @Test
  void anAttemptThatCancelsItselfWhenItIsTakenBackIsMadeElsewhere() throws Exception {
    String answer =
        router.execute(
            REQUEST,
            lease -> {
              if (!tried.isEmpty()) {
                return "from " + lease.endpoint().id();
              }
              List<Revocation> told = new ArrayList<>();
              lease.onRevoked(told::add);
              tried.add(lease.endpoint().id());
              router.eject(lease.endpoint().id(), Duration.ofMinutes(1));
              assertThat(told).containsExactly(Revocation.EJECTED);
              throw new IOException("cancelled by its own doing");
            });

    assertThat(answer).startsWith("from ").isNotEqualTo("from " + tried.get(0));
    time.advance(Duration.ofMinutes(2));
  }

  @Test
  void anExceptionThatIsThrownAgainAndAgainIsNotSuppressedInItself() {
    IOException always = new IOException("always");

    assertThatThrownBy(
            () ->
                router.execute(
                    REQUEST,
                    lease -> {
                      throw always;
                    }))
        .isSameAs(always)
        .satisfies(
            last ->
                assertThat(last.getSuppressed())
                    .hasExactlyElementsOfTypes(AttemptsExhaustedException.class));
    assertThatThrownBy(
            () ->
                router.execute(
                    REQUEST,
                    lease -> {
                      throw always;
                    }))
        .satisfies(last -> assertThat(last.getSuppressed()).as("it does not grow").hasSize(1));
  }

  @Test
  void anAttemptThatMayHaveHadAnEffectIsNotRepeated() {
    assertThatThrownBy(() -> router.execute(UNSAFE, this::fail)).hasMessage("broken 1");
  }

  @Test
  void anAttemptThatSaysThatNothingWasSentIsRepeated() throws Exception {
    String answer =
        router.execute(
            UNSAFE,
            lease -> {
              if (tried.isEmpty()) {
                tried.add(lease.endpoint().id());
                lease.complete(Outcome.serverFault().withProgress(Outcome.Progress.NOTHING_SENT));
                throw new ConnectException("refused");
              }
              return "from " + lease.endpoint().id();
            });

    assertThat(answer).startsWith("from ").isNotEqualTo("from " + tried.get(0));
  }

  @Test
  void anAttemptThatHasReportedATokenIsNotRepeated() {
    assertThatThrownBy(
            () ->
                router.execute(
                    REQUEST,
                    lease -> {
                      lease.firstToken();
                      return fail(lease);
                    }))
        .hasMessage("broken 1");
  }

  @Test
  void whatAnAttemptReturnsIsAnAnswerWhateverItsOutcome() throws Exception {
    String answer =
        router.execute(
            REQUEST,
            lease -> {
              tried.add(lease.endpoint().id());
              lease.complete(Outcome.serverFault());
              return "503";
            });

    assertThat(answer).isEqualTo("503");
    assertThat(tried).hasSize(1);
  }

  @Test
  void anErrorIsNotForTryingAgain() {
    assertThatThrownBy(
            () ->
                router.execute(
                    REQUEST,
                    lease -> {
                      tried.add(lease.endpoint().id());
                      throw new StackOverflowError();
                    }))
        .isInstanceOf(StackOverflowError.class);
    assertThat(tried).hasSize(1);
  }

  @Test
  void anAttemptThatIsInterruptedIsNotRepeated() {
    assertThatThrownBy(
            () ->
                router.execute(
                    REQUEST,
                    lease -> {
                      tried.add(lease.endpoint().id());
                      throw new InterruptedException();
                    }))
        .isInstanceOf(InterruptedException.class);
    assertThat(tried).hasSize(1);
  }

  @Test
  void whereNothingIsLeftToTryTheFailureIsWhatTheCallerSees() {
    Throwable failure =
        catchThrowable(
            () ->
                router.execute(
                    REQUEST,
                    lease -> {
                      router.updateEndpoints(List.of());
                      return fail(lease);
                    }));

    assertThat(failure).hasMessage("broken 1");
    assertThat(failure.getSuppressed()[0]).isInstanceOf(NoEndpointException.class);
  }

  @Test
  void aCallerThatIsInterruptedWhileItWaitsForTheTimeIsInterrupted() throws Exception {
    withBackoff();
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread caller =
        new Thread(() -> thrown.set(catchThrowable(() -> router.execute(REQUEST, this::fail))));
    caller.setDaemon(true);
    caller.start();
    while (caller.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }

    caller.interrupt();
    caller.join();

    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    assertThat(thrown.get().getSuppressed()[0]).hasMessage("broken 1");
  }

  private CompletableFuture<String> failLater(Lease lease) {
    tried.add(lease.endpoint().id());
    return CompletableFuture.failedFuture(new IOException("broken " + tried.size()));
  }

  @Test
  void aStageThatFailsIsRepeatedElsewhereAfterAWait() {
    withBackoff();
    CompletableFuture<String> result =
        router.executeAsync(
            REQUEST,
            lease ->
                tried.isEmpty()
                    ? failLater(lease)
                    : CompletableFuture.completedFuture(lease.endpoint().id()));
    assertThat(result).isNotDone();

    time.advance(Duration.ofMillis(25));

    assertThat(result).isCompleted();
    assertThat(result.join()).isNotEqualTo(tried.get(0));
  }

  @Test
  void theLastStageFailsTheResult() {
    CompletableFuture<String> result = router.executeAsync(REQUEST, this::failLater);

    assertThat(result).isDone();
    assertThatThrownBy(result::join)
        .cause()
        .hasMessage("broken 3")
        .satisfies(last -> assertThat(last.getSuppressed()[0]).hasMessage("broken 2"));
  }

  @Test
  void cancellingTheResultGivesUpWaitingForTheTime() {
    withBackoff();
    CompletableFuture<String> result = router.executeAsync(REQUEST, this::failLater);
    assertThat(time.pending()).isEqualTo(1);

    result.cancel(true);

    assertThat(time.pending()).isZero();
    assertThat(tried).hasSize(1);
  }

  @Test
  void cancellingTheResultGivesUpWaitingForASlotElsewhere() {
    Lease other = router.acquire(REQUEST);
    CompletableFuture<String> result = router.executeAsync(REQUEST, this::failLater);
    assertThat(router.snapshot().queued()).isEqualTo(1);

    result.cancel(true);

    assertThat(router.snapshot().queued()).isZero();
    other.close();
  }

  @Test
  void cancellingTheResultCancelsTheSecondAttempt() {
    CompletableFuture<String> second = new CompletableFuture<>();
    CompletableFuture<String> result =
        router.executeAsync(REQUEST, lease -> tried.isEmpty() ? failLater(lease) : second);

    result.cancel(true);

    assertThat(second).isCancelled();
    assertThat(events.lines.get(events.lines.size() - 1)).contains("CANCELLED");
  }

  @Test
  void closingTheRouterWhileAnAttemptWaitsLeavesItsFailure() {
    withBackoff();
    CompletableFuture<String> result = router.executeAsync(REQUEST, this::failLater);

    router.close();

    assertThat(result).isDone();
    assertThatThrownBy(result::join)
        .cause()
        .hasMessage("broken 1")
        .satisfies(
            failure ->
                assertThat(failure.getSuppressed()[0]).isInstanceOf(RouterClosedException.class));
    time.advance(Duration.ofSeconds(1));
  }

  private boolean shutDown;

  /** The scheduler and the executor take no more tasks once they are shut down. */
  private void withShutDown() {
    router =
        InferenceRouters.builder()
            .ticker(time)
            .scheduler(
                (delay, task) -> {
                  refuseIfShutDown();
                  return time.schedule(delay, task);
                })
            .random(() -> -1)
            .executor(
                task -> {
                  refuseIfShutDown();
                  task.run();
                })
            .endpoint(Endpoint.builder("a", "http://a").build())
            .retries(RetryPolicy.builder().backoff(backoff).build())
            .stalls(StallPolicy.none())
            .leaks(LeakPolicy.none())
            .build();
  }

  private void refuseIfShutDown() {
    if (shutDown) {
      throw new RejectedExecutionException("shut down");
    }
  }

  @Test
  void whereTheWaitCannotBeScheduledTheFailureIsWhatTheCallerSees() {
    backoff = Duration.ofMillis(25);
    withShutDown();

    Throwable failure =
        catchThrowable(
            () ->
                router.execute(
                    REQUEST,
                    lease -> {
                      shutDown = true;
                      return fail(lease);
                    }));

    assertThat(failure).hasMessage("broken 1");
    assertThat(failure.getSuppressed()[0]).hasRootCauseMessage("shut down");
  }

  @Test
  void whereTheWaitCannotBeScheduledTheFailureOfTheStageIsWhatTheCallerSees() {
    backoff = Duration.ofMillis(25);
    withShutDown();

    CompletableFuture<String> result =
        router.executeAsync(
            REQUEST,
            lease -> {
              shutDown = true;
              return failLater(lease);
            });

    assertThatThrownBy(result::join).cause().hasMessage("broken 1");
  }

  @Test
  void whereTheSecondAttemptCannotBeStartedTheFailureOfTheFirstIsWhatTheCallerSees() {
    CompletableFuture<String> first = new CompletableFuture<>();
    withShutDown();
    CompletableFuture<String> result = router.executeAsync(REQUEST, lease -> first);

    shutDown = true;
    first.completeExceptionally(new IOException("broken"));

    assertThat(result).isDone();
    assertThatThrownBy(result::join).cause().hasMessage("broken");
    assertThat(router.snapshot().inFlight()).isZero();
  }
}
