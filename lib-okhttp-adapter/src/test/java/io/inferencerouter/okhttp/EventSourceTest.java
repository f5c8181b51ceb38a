package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.Outcome;
import io.inferencerouter.Usage;
import io.inferencerouter.core.testing.Waiting;
import java.io.IOException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Response;
import okhttp3.sse.EventSource;
import okhttp3.sse.EventSourceListener;
import okhttp3.sse.EventSources;
import okio.AsyncTimeout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** OkHttp's own client of event streams, in the ways in which each version can be routed. */
@ParameterizedClass
@EnumSource(Wire.class)
class EventSourceTest extends RoutedTest {
  private static final String TYPE = "text/event-stream";
  private static final String USAGE =
      "data: {\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n";

  private final RecordedEvents heard = new RecordedEvents();

  EventSourceTest(Wire wire) throws Exception {
    super(wire);
  }

  /** How events can come through a router. */
  enum Way {
    /** {@code createFactory(OkHttpClient)}: both versions. */
    CLIENT,
    /** {@code createFactory(Call.Factory)}: from OkHttp 5 on. */
    CALL_FACTORY,
    /** {@code processResponse}: from OkHttp 5 on; in 4.12 it fails whatever the response. */
    RESPONSE
  }

  static List<Way> waysWithACall() {
    return OkHttp5.isPresent() ? List.of(Way.CLIENT, Way.CALL_FACTORY) : List.of(Way.CLIENT);
  }

  static List<Way> ways() {
    return OkHttp5.isPresent() ? List.of(Way.values()) : List.of(Way.CLIENT);
  }

  private EventSource open(Way way) throws Exception {
    if (way == Way.CALL_FACTORY) {
      return factory(calls).newEventSource(request().build(), heard);
    }
    if (way == Way.RESPONSE) {
      Call call = call();
      call.enqueue(
          new Callback() {
            @Override
            public void onFailure(Call failed, IOException e) {
              throw new AssertionError(e);
            }

            @Override
            public void onResponse(Call answered, Response response) {
              EventSources.processResponse(response, heard);
            }
          });
      return new EventSource() {
        @Override
        public okhttp3.Request request() {
          return call.request();
        }

        @Override
        public void cancel() {
          call.cancel();
        }
      };
    }
    return EventSources.createFactory(RoutingInterceptor.create(router).addTo(client))
        .newEventSource(request().build(), heard);
  }

  private static EventSource.Factory factory(Call.Factory calls)
      throws ReflectiveOperationException {
    Method createFactory = EventSources.class.getMethod("createFactory", Call.Factory.class);
    return (EventSource.Factory) createFactory.invoke(null, calls);
  }

  @Test
  void onlyFromOkHttp5OnACallFactoryIsAccepted() throws Exception {
    if (OkHttp5.isPresent()) {
      assertThat(factory(calls)).isNotNull();
    } else {
      assertThatThrownBy(() -> factory(calls)).isInstanceOf(NoSuchMethodException.class);
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void eventsArriveAndTheLeaseEndsWithTheStream(Way way) throws Exception {
    server.script(
        e -> {
          var out = e.begin(200, TYPE);
          Exchange.send(out, "data: {\"a\":1}\n\n");
          awaitRelease();
          Exchange.send(out, USAGE);
        });
    open(way);
    assertThat(heard.take()).isEqualTo("{\"a\":1}");
    assertThat(observed.firstTokens).hasSize(1);
    assertThat(router.snapshot().inFlight()).isEqualTo(1);
    release.countDown();
    assertThat(heard.take()).startsWith("{\"usage\"");
    assertThat(heard.take()).isEqualTo("closed");
    assertThat(observed.outcome()).isEqualTo(Outcome.success().withUsage(Usage.of(1, 2)));
    assertThat(server.take().target).isEqualTo("/v1/chat/completions");
  }

  @ParameterizedTest
  @MethodSource("ways")
  void cancellingAfterTheLastEventIsASuccess(Way way) throws Exception {
    server.script(
        e -> {
          Exchange.send(e.begin(200, TYPE), USAGE + "data: [DONE]\n\n");
          awaitRelease();
        });
    EventSource source = open(way);
    assertThat(heard.take()).startsWith("{\"usage\"");
    assertThat(heard.take()).isEqualTo("[DONE]");
    source.cancel();
    assertThat(observed.outcome()).isEqualTo(Outcome.success().withUsage(Usage.of(1, 2)));
    assertThat(heard.take()).startsWith("failed");
    assertThat(observed.outcomes).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("ways")
  void cancellingBeforeTheLastEventIsACancel(Way way) throws Exception {
    server.script(
        e -> {
          Exchange.send(e.begin(200, TYPE), "data: {}\n\n");
          awaitRelease();
        });
    EventSource source = open(way);
    assertThat(heard.take()).isEqualTo("{}");
    source.cancel();
    assertThat(observed.outcome()).isEqualTo(Outcome.cancelled());
    assertThat(heard.take()).startsWith("failed");
  }

  /** On a busy machine the headers can take longer than a time-out; then it is tried with more. */
  @ParameterizedTest
  @MethodSource("waysWithACall")
  void theCallTimeoutEndsWithTheHeadersAndNotTheStream(Way way) throws Exception {
    Duration timeout = Duration.ofMillis(250);
    String first = eventsWithin(timeout, way);
    for (int i = 0; i < 3 && first.startsWith("failed"); i++) {
      assertThat(observed.outcome()).isEqualTo(Outcome.timeout());
      timeout = timeout.multipliedBy(4);
      first = eventsWithin(timeout, way);
    }
    assertThat(first).isEqualTo("early");
    awaitTimeoutsWithin(timeout);
    release.countDown();
    assertThat(heard.take()).isEqualTo("late");
    assertThat(heard.take()).isEqualTo("closed");
    assertThat(observed.outcome()).isEqualTo(Outcome.success());
  }

  private String eventsWithin(Duration timeout, Way way) throws Exception {
    use(client().callTimeout(timeout).build(), endpoint().build());
    server.script(
        e -> {
          var out = e.begin(200, TYPE);
          Exchange.send(out, "data: early\n\n");
          awaitRelease();
          Exchange.send(out, "data: late\n\n");
        });
    open(way);
    return heard.take();
  }

  /** Okio has one queue for all time-outs, so those that come before this one have come then. */
  private static void awaitTimeoutsWithin(Duration time) throws InterruptedException {
    CountDownLatch come = new CountDownLatch(1);
    AsyncTimeout last =
        new AsyncTimeout() {
          @Override
          protected void timedOut() {
            come.countDown();
          }
        };
    last.timeout(time.toNanos(), TimeUnit.NANOSECONDS);
    last.enter();
    Waiting.await(come, "the time-outs before");
  }

  /** Keeps what an event source tells. */
  private static final class RecordedEvents extends EventSourceListener {
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    @Override
    public void onEvent(EventSource source, String id, String type, String data) {
      events.add(data);
    }

    @Override
    public void onClosed(EventSource source) {
      events.add("closed");
    }

    @Override
    public void onFailure(EventSource source, Throwable failure, Response response) {
      events.add("failed " + failure);
    }

    String take() throws InterruptedException {
      return Waiting.take(events, "an event");
    }
  }
}
