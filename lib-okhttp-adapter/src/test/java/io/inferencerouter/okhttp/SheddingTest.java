package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.Endpoint;
import io.inferencerouter.NoEndpointException;
import io.inferencerouter.RouterClosedException;
import io.inferencerouter.core.InferenceRouters;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Future;
import okhttp3.Protocol;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Wire.class)
class SheddingTest extends RoutedTest {
  SheddingTest(Wire wire) throws Exception {
    super(wire);
  }

  private void useWithoutQueue() {
    use(
        InferenceRouters.builder()
            .endpoint(endpoint().maxConcurrency(1).build())
            .listener(observed)
            .maxQueueTime(Duration.ZERO)
            .build(),
        client().build());
  }

  private static void assertIsShed(Response response) throws IOException {
    assertThat(response.code()).isEqualTo(429);
    assertThat(response.message()).isEqualTo("Too Many Requests");
    assertThat(response.protocol()).isEqualTo(Protocol.HTTP_1_1);
    assertThat(Integer.parseInt(response.header("Retry-After"))).isPositive();
    assertThat(response.body().contentType()).isEqualTo(JSON);
    assertThat(response.body().string())
        .startsWith("{\"error\":{\"message\":\"")
        .endsWith(",\"type\":\"overloaded\",\"code\":\"no_free_slot\"}}");
    assertThat(response.request().url().host()).isEqualTo("inference");
  }

  @Test
  void anExecutedCallThatIsShedGets429WithoutAnyNetwork() throws Exception {
    useWithoutQueue();
    occupyAllSlots();
    try (Response response = call().execute()) {
      assertIsShed(response);
    }
    assertThat(observed.shed).hasSize(1);
    assertThat(server.requests()).isZero();
  }

  @Test
  void anEnqueuedCallThatIsShedGets429WithoutAnyNetwork() throws Exception {
    useWithoutQueue();
    occupyAllSlots();
    RecordedCallback callback = new RecordedCallback();
    call().enqueue(callback);
    try (Response response = callback.response()) {
      assertIsShed(response);
    }
    assertThat(server.requests()).isZero();
  }

  @Test
  void aCallThatNoEndpointMayServeFails() {
    use(endpoint().model("another").build());
    assertThatThrownBy(() -> call().execute())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("m")
        .cause()
        .isInstanceOfSatisfying(
            NoEndpointException.class,
            e -> assertThat(e.reason()).isEqualTo(NoEndpointException.Reason.UNKNOWN_MODEL));
  }

  @Test
  void aCallWithoutAnyEndpointFails() throws Exception {
    use(new Endpoint[0]);
    RecordedCallback callback = new RecordedCallback();
    call().enqueue(callback);
    assertThat(callback.failure()).hasCauseInstanceOf(NoEndpointException.class);
  }

  @Test
  void aCallOfAClosedRouterFails() {
    router.close();
    assertThatThrownBy(() -> call().execute())
        .isInstanceOf(IOException.class)
        .hasCauseInstanceOf(RouterClosedException.class);
  }

  @Test
  void aCallThatWaitsWhenTheRouterIsClosedFails() throws Exception {
    occupyAllSlots();
    Future<Response> executed = threads.submit(() -> call().execute());
    observed.awaitQueued();
    RecordedCallback enqueued = new RecordedCallback();
    call().enqueue(enqueued);
    observed.awaitQueued();
    router.close();
    assertThat(enqueued.failure()).hasCauseInstanceOf(RouterClosedException.class);
    assertThatThrownBy(executed::get).hasRootCauseInstanceOf(RouterClosedException.class);
  }
}
