package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallCredentials;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.inferencerouter.core.testing.Waiting;
import io.inferencerouter.grpc.test.Answer;
import io.inferencerouter.grpc.test.Ask;
import io.inferencerouter.grpc.test.ExchangeGrpc;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Generated stubs, whose threads wait, or do not. */
class StubTest extends RoutedTest {
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final ScheduledExecutorService timers = Executors.newScheduledThreadPool(1);
  private ExchangeServer server;

  @BeforeEach
  void serve() throws Exception {
    server = serve("only");
    use(server.endpoint().maxConcurrency(1).build());
  }

  @AfterEach
  void stopThreads() {
    threads.shutdownNow();
    timers.shutdownNow();
  }

  @Test
  void aBlockingStubWaitsForASlotAndForTheAnswer() throws Exception {
    occupyAllSlots();
    Future<Answer> answer =
        threads.submit(() -> ExchangeGrpc.newBlockingStub(channel).unary(ask(7)));
    observed.awaitQueued();
    freeSlots();
    assertThat(answer.get(Waiting.LIMIT_SECONDS, TimeUnit.SECONDS).getPayload().size())
        .isEqualTo(7);
  }

  @Test
  void aBlockingStubHearsThatItsCallIsShed() {
    use();
    assertThatThrownBy(() -> ExchangeGrpc.newBlockingStub(channel).unary(ask(7)))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageStartingWith("UNAVAILABLE");
  }

  @Test
  void aBlockingStubThatIsInterruptedLeavesTheQueue() throws Exception {
    occupyAllSlots();
    Future<Answer> answer =
        threads.submit(() -> ExchangeGrpc.newBlockingStub(channel).unary(ask(7)));
    observed.awaitQueued();
    answer.cancel(true);
    Waiting.until(() -> router.snapshot().queued() == 0, "the queue to be empty");
  }

  @Test
  void anIteratorOfABlockingStubReadsTheWholeStream() {
    Iterator<Answer> answers = ExchangeGrpc.newBlockingStub(channel).download(ask(1, 2, 3));
    List<Integer> sizes = new ArrayList<>();
    answers.forEachRemaining(answer -> sizes.add(answer.getPayload().size()));
    assertThat(sizes).containsExactly(1, 2, 3);
  }

  @Test
  void aFutureStubCanBeCancelledWhileItWaits() throws Exception {
    occupyAllSlots();
    var answer = ExchangeGrpc.newFutureStub(channel).unary(ask(7));
    observed.awaitQueued();
    assertThat(answer.cancel(true)).isTrue();
    Waiting.until(() -> router.snapshot().queued() == 0, "the queue to be empty");
    freeSlots();
    assertThat(ExchangeGrpc.newFutureStub(channel).unary(ask(7)).get().getServer())
        .isEqualTo("only");
  }

  @Test
  void anAsynchronousStubTalksBothWays() throws Exception {
    CompletableFuture<List<Integer>> done = new CompletableFuture<>();
    StreamObserver<Ask> requests =
        ExchangeGrpc.newStub(channel)
            .chat(
                new StreamObserver<>() {
                  private final List<Integer> sizes = new ArrayList<>();

                  @Override
                  public void onNext(Answer answer) {
                    sizes.add(answer.getPayload().size());
                  }

                  @Override
                  public void onError(Throwable failure) {
                    done.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {
                    done.complete(sizes);
                  }
                });
    requests.onNext(ask(1, 2));
    requests.onNext(ask(3));
    requests.onCompleted();
    assertThat(done.get(Waiting.LIMIT_SECONDS, TimeUnit.SECONDS)).containsExactly(1, 2, 3);
  }

  @Test
  void credentialsOfACallAreApplied() throws Exception {
    Metadata.Key<String> token = Metadata.Key.of("x-token", Metadata.ASCII_STRING_MARSHALLER);
    CallCredentials credentials =
        new CallCredentials() {
          @Override
          public void applyRequestMetadata(
              RequestInfo info, Executor executor, MetadataApplier applier) {
            executor.execute(
                () -> {
                  Metadata headers = new Metadata();
                  headers.put(token, "for " + info.getMethodDescriptor().getBareMethodName());
                  applier.apply(headers);
                });
          }
        };
    assertThat(
            ExchangeGrpc.newBlockingStub(channel)
                .withCallCredentials(credentials)
                .unary(ask(1))
                .getServer())
        .isEqualTo("only");
    assertThat(Waiting.take(server.headers, "the headers").get(token)).isEqualTo("for Unary");
  }

  @Test
  void interceptorsInFrontSeeTheCallOnce() throws Exception {
    Metadata headers = new Metadata();
    headers.put(ExchangeServer.ECHO, "hello");
    ExchangeGrpc.newBlockingStub(
            ClientInterceptors.intercept(
                channel, MetadataUtils.newAttachHeadersInterceptor(headers)))
        .unary(ask(1));
    assertThat(Waiting.take(server.headers, "the headers").getAll(ExchangeServer.ECHO))
        .containsExactly("hello");
  }

  @Test
  void theDeadlineOfTheContextHoldsForTheCall() throws Exception {
    try (Context.CancellableContext context =
        Context.current().withDeadlineAfter(100, TimeUnit.MILLISECONDS, timers)) {
      assertThatThrownBy(
              () -> context.call(() -> ExchangeGrpc.newBlockingStub(channel).unary(hang())))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
    }
  }

  @Test
  void theExecutorOfACallRunsItsCallbacks() throws Exception {
    occupyAllSlots();
    List<String> names = new ArrayList<>();
    ExecutorService own =
        Executors.newSingleThreadExecutor(task -> new Thread(task, "the caller's own"));
    try {
      CompletableFuture<Void> done = new CompletableFuture<>();
      ExchangeGrpc.newStub(channel)
          .withExecutor(own)
          .withDeadlineAfter(30, TimeUnit.MILLISECONDS)
          .unary(
              ask(1),
              new StreamObserver<>() {
                @Override
                public void onNext(Answer answer) {}

                @Override
                public void onError(Throwable failure) {
                  names.add(Thread.currentThread().getName());
                  done.complete(null);
                }

                @Override
                public void onCompleted() {}
              });
      done.get(Waiting.LIMIT_SECONDS, TimeUnit.SECONDS);
      assertThat(names).containsExactly("the caller's own");
    } finally {
      own.shutdownNow();
    }
  }
}
