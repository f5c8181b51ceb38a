package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.inferencerouter.Candidates;
import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Lease;
import io.inferencerouter.core.Scheduler;
import io.inferencerouter.core.testing.VirtualScheduler;
import io.inferencerouter.core.testing.Waiting;
import io.inferencerouter.grpc.test.Answer;
import io.inferencerouter.grpc.test.Ask;
import io.inferencerouter.grpc.test.ExchangeGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls that have been given to a connection whose peer allows fewer streams than was declared. */
class StuckCallTest extends RoutedTest {
  private static final int STREAMS = 2;

  private final AtomicLong nanos = new AtomicLong();
  private final List<RecordedListener<Answer>> kept = new ArrayList<>();
  private final List<EventLoopGroup> eventLoops = new ArrayList<>();
  private ExchangeServer narrow;
  private ExchangeServer wide;

  @AfterEach
  void stopEventLoops() {
    for (EventLoopGroup group : eventLoops) {
      var unused = group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }
  }

  /** Whether the router takes the narrow endpoint, of whose streams it knows nothing; or any. */
  private volatile boolean narrowPreferred = true;

  private int select(InferenceRequest request, Candidates candidates) {
    int found = EndpointSelector.NONE;
    for (int i = 0; i < candidates.size(); i++) {
      boolean preferred = candidates.endpoint(i).id().equals("wide") != narrowPreferred;
      if (candidates.isAvailable(i) && (found == EndpointSelector.NONE || preferred)) {
        found = i;
      }
    }
    return found;
  }

  private RoutingChannel.Builder two(int slotsOfTheWideOne) throws Exception {
    narrow =
        new ExchangeServer("narrow", settings -> settings.maxConcurrentCallsPerConnection(STREAMS));
    servers.add(narrow);
    wide = serve("wide");
    channels = channels().maxConcurrentStreams(100).ticker(nanos::get).build();
    router =
        router(
                narrow.endpoint().build(),
                wide.endpoint().region("elsewhere").maxConcurrency(slotsOfTheWideOne).build())
            .selector(this::select)
            .build();
    return routing();
  }

  /** Uses up all streams of the narrow connection. */
  private void fill() throws Exception {
    for (int i = 0; i < STREAMS; i++) {
      ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getUnaryMethod());
      kept.add(send(call, hang()));
      Waiting.take(narrow.service.asked, "a request that stays");
    }
    // The server may hear of a call before the client hears that it is sent
    channels.forEach(
        one -> Waiting.until(() -> one.limit().queued() == 0, "the headers to be out"));
  }

  private void emptyAgain() throws Exception {
    narrow.service.answerHanging();
    for (RecordedListener<Answer> listener : kept) {
      assertThat(listener.status()).isEqualTo(Status.OK);
    }
  }

  private static void look(VirtualScheduler scheduler, int times) {
    for (int i = 0; i < times; i++) {
      scheduler.advanceMillis(10);
    }
  }

  @Test
  void aStuckCallGoesToAnIdleEndpointWithItsLease() throws Exception {
    channel = two(64).build();
    fill();
    List<RecordedListener<Answer>> stuck = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      stuck.add(unary(ask(10)));
    }
    narrowPreferred = false;
    for (RecordedListener<Answer> listener : stuck) {
      assertThat(listener.status()).isEqualTo(Status.OK);
      assertThat(listener.message().getServer()).isEqualTo("wide");
      assertThat(listener.transcript()).containsExactly("headers", "message", "close");
    }
    assertThat(narrow.service.calls).hasValue(STREAMS);
    assertThat(wide.service.calls).hasValue(5);
    Waiting.until(() -> router.snapshot().inFlight() == STREAMS, "the leases to have moved");
    emptyAgain();
  }

  @Test
  void aStuckStreamLosesDoublesAndMisplacesNoMessageOnItsWay() throws Exception {
    channel = two(64).build();
    fill();
    ClientCall<Ask, Answer> call = call(channel, ExchangeGrpc.getUploadMethod());
    RecordedListener<Answer> listener = new RecordedListener<>();
    call.start(listener, new Metadata());
    call.request(2);
    for (int i = 0; i < 20; i++) {
      call.sendMessage(numbered(i));
    }
    narrowPreferred = false;
    Waiting.take(wide.service.asked, "the first message, elsewhere");
    for (int i = 20; i < 40; i++) {
      call.sendMessage(numbered(i));
    }
    call.halfClose();
    assertThat(listener.status()).isEqualTo(Status.OK);
    Answer answer = listener.message();
    assertThat(answer.getServer()).isEqualTo("wide");
    assertThat(answer.getNumber()).isEqualTo(40);
    assertThat(answer.getReceived()).isEqualTo(40 * 100);
    assertThat(listener.events).doesNotContain("TWO AT A TIME", "CLOSED TWICE");
    emptyAgain();
  }

  private static Ask numbered(int number) {
    return Ask.newBuilder()
        .setNumber(number)
        .setPayload(ByteString.copyFrom(new byte[100]))
        .build();
  }

  @Test
  void aStuckCallWaitsForAnEndpointThatSomebodyElseLeaves() throws Exception {
    VirtualScheduler scheduler = new VirtualScheduler();
    channel = two(1).scheduler(scheduler).build();
    Lease other =
        router.acquire(InferenceRequest.forAnyModel().allowedRegions("elsewhere").build());
    observed.ignore(other);
    fill();
    RecordedListener<Answer> stuck = unary(ask(10));
    narrowPreferred = false;
    look(scheduler, 20);
    assertThat(stuck.isClosed()).isFalse();
    assertThat(wide.service.calls).hasValue(0);
    other.close();
    Waiting.until(
        () -> {
          scheduler.advanceMillis(10);
          return stuck.isClosed();
        },
        "the call to go elsewhere");
    assertThat(stuck.status()).isEqualTo(Status.OK);
    assertThat(stuck.message().getServer()).isEqualTo("wide");
    emptyAgain();
  }

  @Test
  void aCallThatMustNotBeBegunTwiceStays() throws Exception {
    VirtualScheduler scheduler = new VirtualScheduler();
    channel = two(64).scheduler(scheduler).build();
    fill();
    ClientCall<Ask, Answer> call =
        channel.newCall(
            ExchangeGrpc.getUnaryMethod(),
            CallOptions.DEFAULT.withOption(
                RoutingChannel.INFERENCE_REQUEST, InferenceRequest.anyModel()));
    RecordedListener<Answer> stuck = send(call, ask(10));
    narrowPreferred = false;
    look(scheduler, 20);
    assertThat(stuck.isClosed()).isFalse();
    narrow.service.answerHanging();
    assertThat(stuck.status()).isEqualTo(Status.OK);
    assertThat(stuck.message().getServer()).isEqualTo("narrow");
    assertThat(wide.service.calls).hasValue(0);
    emptyAgain();
  }

  @Test
  void aCallOfWhichMoreWasSentThanIsKeptStays() throws Exception {
    VirtualScheduler scheduler = new VirtualScheduler();
    channel = two(64).scheduler(scheduler).replayBufferBytes(50).build();
    fill();
    RecordedListener<Answer> stuck = unary(numbered(0).toBuilder().addSizes(1).build());
    narrowPreferred = false;
    look(scheduler, 20);
    assertThat(stuck.isClosed()).isFalse();
    emptyAgain();
    assertThat(stuck.status()).isEqualTo(Status.OK);
    assertThat(stuck.message().getServer()).isEqualTo("narrow");
  }

  @Test
  void aStuckCallCanBeCancelledAndTimesOut() throws Exception {
    VirtualScheduler scheduler = new VirtualScheduler();
    channel = two(64).scheduler(scheduler).build();
    fill();
    ClientCall<Ask, Answer> cancelled = call(channel, ExchangeGrpc.getUnaryMethod());
    RecordedListener<Answer> one = send(cancelled, ask(1));
    RecordedListener<Answer> late =
        send(
            channel.newCall(
                ExchangeGrpc.getUnaryMethod(),
                CallOptions.DEFAULT.withDeadlineAfter(50, TimeUnit.MILLISECONDS)),
            ask(1));
    cancelled.cancel("not wanted", null);
    look(scheduler, 20);
    assertThat(one.status().getDescription()).isEqualTo("not wanted");
    assertThat(late.status().getCode()).isIn(Status.Code.DEADLINE_EXCEEDED, Status.Code.OK);
    emptyAgain();
  }

  @Test
  void afterAFullConnectionWasFoundLaterCallsAvoidIt() throws Exception {
    VirtualScheduler scheduler = new VirtualScheduler();
    channel = two(64).scheduler(scheduler).build();
    fill();
    RecordedListener<Answer> stuck = unary(ask(10));
    narrowPreferred = false;
    look(scheduler, StreamLimit.PATIENCE_LOOKS + 1);
    assertThat(stuck.status()).isEqualTo(Status.OK);
    assertThat(channels.isFull(narrow.endpoint().build())).isTrue();
    RecordedListener<Answer> later = unary(ask(10));
    assertThat(later.status()).isEqualTo(Status.OK);
    assertThat(later.message().getServer()).isEqualTo("wide");
    emptyAgain();
    Waiting.until(
        () -> {
          look(scheduler, 1);
          return scheduler.pending() == 0;
        },
        "nothing more to look at");
  }

  @Test
  void aConnectionThatIsOnlySlowIsNotTakenForFull() throws Exception {
    ExchangeServer slow = serve("narrow");
    ExchangeServer other = serve("wide");
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    eventLoops.add(loop);
    channels =
        EndpointChannels.builder(endpoint -> connectOn(loop, endpoint)).ticker(nanos::get).build();
    router =
        router(slow.endpoint().build(), other.endpoint().build()).selector(this::select).build();
    VirtualScheduler scheduler = new VirtualScheduler();
    channel = routing().scheduler(scheduler).build();
    assertThat(unary(ask(1)).status()).isEqualTo(Status.OK);
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    loop.execute(
        () -> {
          held.countDown();
          try {
            Waiting.await(goOn, "the test to go on");
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    Waiting.await(held, "the connection to stand still");
    List<RecordedListener<Answer>> all = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      all.add(unary(ask(1)));
      nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
      look(scheduler, 20);
    }
    goOn.countDown();
    for (RecordedListener<Answer> listener : all) {
      assertThat(listener.status()).isEqualTo(Status.OK);
    }
    assertThat(observed.granted).as("decisions for 11 calls").hasValue(11);
    assertThat(slow.service.calls).hasValue(11);
  }

  private ManagedChannel connectOn(EventLoopGroup loop, Endpoint endpoint) {
    ManagedChannel fresh =
        NettyChannelBuilder.forAddress(endpoint.uri().getHost(), endpoint.uri().getPort())
            .usePlaintext()
            .eventLoopGroup(loop)
            .channelType(NioSocketChannel.class)
            .build();
    made.add(fresh);
    return fresh;
  }

  @Test
  void aCallThatWaitsForAStreamGoesToAnEndpointThatJoins() throws Exception {
    narrow = serve("narrow");
    wide = serve("wide");
    channels = channels().maxConcurrentStreams(STREAMS).build();
    router = router(narrow.endpoint().build()).build();
    channel = routing().build();
    fill();
    RecordedListener<Answer> waiting = unary(ask(10));
    assertThat(waiting.isClosed()).isFalse();
    router.updateEndpoints(List.of(narrow.endpoint().build(), wide.endpoint().build()));
    assertThat(waiting.status()).isEqualTo(Status.OK);
    assertThat(waiting.message().getServer()).isEqualTo("wide");
    emptyAgain();
  }

  private static StreamLimit.Waiter waiter(Runnable whenStuck) {
    return new StreamLimit.Waiter() {
      @Override
      public int sinceLook() {
        return 0;
      }

      @Override
      public void stuck() {
        whenStuck.run();
      }
    };
  }

  @Test
  void aPauseOfTheWholeProcessCountsAsOneLook() {
    StreamLimit limit = new StreamLimit(100, nanos::get);
    List<String> told = new ArrayList<>();
    StreamLimit.Waiter open = waiter(() -> told.add("open"));
    limit.created("connection", open);
    limit.headersOut(open);
    StreamLimit.Waiter waiting = waiter(() -> told.add("waiting"));
    limit.created("connection", waiting);
    nanos.addAndGet(TimeUnit.MINUTES.toNanos(1));
    for (int i = 1; i < StreamLimit.PATIENCE_LOOKS; i++) {
      assertThat(limit.look()).isFalse();
      assertThat(limit.streams()).isEqualTo(100);
    }
    assertThat(limit.look()).isTrue();
    assertThat(limit.streams()).isEqualTo(1);
    limit.tellStuck();
    assertThat(told).containsExactly("waiting");
    assertThat(limit.headersOut(waiting)).isTrue();
    assertThat(limit.streams()).isEqualTo(100);
  }

  @Test
  void aStreamThatLeavesTheQueueUnsentSaysNothingOfTheLimit() {
    StreamLimit.Waiter waiting = waiter(() -> {});
    StreamLimit limit = limitFoundAtOne(waiting);
    limit.leftQueue(waiting);
    assertThat(limit.streams()).isEqualTo(1);
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(2));
    limit.ended();
    assertThat(limit.streams()).as("tried again, a little above").isEqualTo(2);
  }

  /** One stream is open. */
  private StreamLimit limitOfAHundred() {
    StreamLimit limit = new StreamLimit(100, nanos::get);
    StreamLimit.Waiter open = waiter(() -> {});
    limit.created("connection", open);
    limit.headersOut(open);
    return limit;
  }

  /** One stream is open, and these have waited for so long that there seem to be no more. */
  private StreamLimit limitFoundAtOne(StreamLimit.Waiter... waiting) {
    StreamLimit limit = limitOfAHundred();
    for (StreamLimit.Waiter one : waiting) {
      limit.created("connection", one);
    }
    for (int i = 0; i < StreamLimit.PATIENCE_LOOKS; i++) {
      limit.look();
    }
    assertThat(limit.streams()).isEqualTo(1);
    return limit;
  }

  @Test
  void moreOpenStreamsThanTheLimitShowThatItIsNoneThoughOneHasEnded() {
    StreamLimit.Waiter[] waiting = {waiter(() -> {}), waiter(() -> {}), waiter(() -> {})};
    StreamLimit limit = limitFoundAtOne(waiting);

    assertThat(limit.headersOut(waiting[0])).isFalse();
    limit.ended();
    assertThat(limit.headersOut(waiting[1])).isFalse();
    assertThat(limit.headersOut(waiting[2])).isTrue();

    assertThat(limit.streams()).isEqualTo(100);
  }

  @Test
  void aLimitIsTriedAgainThoughNoStreamEndsAnyMore() {
    StreamLimit.Waiter waiting = waiter(() -> {});
    StreamLimit limit = limitFoundAtOne(waiting);
    limit.ended();
    assertThat(limit.headersOut(waiting)).isFalse();
    limit.look();
    assertThat(limit.streams()).isEqualTo(1);

    nanos.addAndGet(TimeUnit.SECONDS.toNanos(2));
    limit.look();

    assertThat(limit.streams()).isEqualTo(2);
  }

  /** Whoever comes later would wait for an open stream to end, and these may be open for hours. */
  @Test
  void aStreamThatGetsOutWhileItIsTakenForStuckShowsThatThereAreMore() {
    StreamLimit limit = limitOfAHundred();
    AtomicBoolean getsOut = new AtomicBoolean();
    limit.created(
        "connection",
        new StreamLimit.Waiter() {
          @Override
          public int sinceLook() {
            if (getsOut.get()) {
              limit.headersOut(this);
            }
            return 0;
          }

          @Override
          public void stuck() {}
        });
    for (int i = 1; i < StreamLimit.PATIENCE_LOOKS; i++) {
      limit.look();
    }
    getsOut.set(true);

    assertThat(limit.look()).isFalse();
    assertThat(limit.streams()).isEqualTo(100);
  }

  @Test
  void withoutASchedulerThatTakesTasksACallWaitsForTheConnection() throws Exception {
    Scheduler none =
        (delay, task) -> {
          throw new java.util.concurrent.RejectedExecutionException("closed");
        };
    channel = two(64).scheduler(none).build();
    fill();
    RecordedListener<Answer> stuck = unary(ask(10));
    emptyAgain();
    assertThat(stuck.status()).isEqualTo(Status.OK);
    assertThat(stuck.message().getServer()).isEqualTo("narrow");
  }
}
