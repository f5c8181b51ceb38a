package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.Outcome;
import io.inferencerouter.core.testing.Waiting;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import javax.net.SocketFactory;
import okhttp3.Call;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Wire.class)
class CancelledCallTest extends RoutedTest {
  CancelledCallTest(Wire wire) throws Exception {
    super(wire);
  }

  @Test
  void beforeItIsExecutedItNeverAsksForALease() {
    Call call = call();
    assertThat(call.isCanceled()).isFalse();
    call.cancel();
    assertThat(call.isCanceled()).isTrue();
    assertThatThrownBy(call::execute).isInstanceOf(IOException.class).hasMessage("Canceled");
    assertThat(observed.granted).hasValue(0);
    assertThat(server.requests()).isZero();
  }

  @Test
  void beforeItIsEnqueuedItNeverAsksForALease() throws Exception {
    Call call = call();
    call.cancel();
    RecordedCallback callback = new RecordedCallback();
    call.enqueue(callback);
    assertThat(callback.failure()).hasMessage("Canceled");
    assertThat(observed.granted).hasValue(0);
  }

  @Test
  void whileAnExecutedCallWaitsForASlotItLeavesTheQueue() throws Exception {
    occupyAllSlots();
    Call call = call();
    Future<Response> response = threads.submit(call::execute);
    observed.awaitQueued();
    call.cancel();
    assertThatThrownBy(response::get)
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseMessage("Canceled");
    awaitAnEmptyQueue();
    freeSlots();
    assertThat(server.requests()).isZero();
  }

  @Test
  void whileAnEnqueuedCallWaitsForASlotItLeavesTheQueue() throws Exception {
    occupyAllSlots();
    Call call = call();
    RecordedCallback callback = new RecordedCallback();
    call.enqueue(callback);
    observed.awaitQueued();
    call.cancel();
    call.cancel();
    assertThat(callback.failure()).hasMessage("Canceled");
    assertThat(callback.pending()).isZero();
    awaitAnEmptyQueue();
  }

  @Test
  void whileItConnectsItGivesTheConnectionUp() throws Exception {
    ConnectingForever sockets = new ConnectingForever();
    use(client().socketFactory(sockets).build(), endpoint().build());
    Call call = call();
    Future<Response> response = threads.submit(call::execute);
    Waiting.await(sockets.connecting, "the call to connect");
    call.cancel();
    assertThatThrownBy(response::get).hasCauseInstanceOf(IOException.class);
    assertThat(observed.outcome()).isEqualTo(Outcome.cancelled());
  }

  @Test
  void whileItAwaitsTheHeadersTheLeaseEndsAtOnce() throws Exception {
    server.script(e -> awaitRelease());
    Call call = call();
    Future<Response> response = threads.submit(call::execute);
    server.take();
    call.cancel();
    assertThat(observed.outcome()).isEqualTo(Outcome.cancelled());
    assertThatThrownBy(response::get).hasCauseInstanceOf(IOException.class);
  }

  @Test
  void withinTheBodyTheLeaseEndsAtOnce() throws Exception {
    server.script(this::beginsAStream);
    Call call = call();
    try (Response response = call.execute()) {
      response.body().source().readUtf8LineStrict();
      call.cancel();
      assertThat(observed.outcome()).isEqualTo(Outcome.cancelled());
      assertThatThrownBy(() -> response.body().string()).isInstanceOf(IOException.class);
    }
    assertThat(observed.outcomes).isEmpty();
  }

  @Test
  void withinTheBodyByTheDispatcherItIsACancelToo() throws Exception {
    server.script(e -> awaitRelease());
    Call call = call();
    Future<Response> response = threads.submit(call::execute);
    server.take();
    client.dispatcher().cancelAll();
    assertThatThrownBy(response::get).hasCauseInstanceOf(IOException.class);
    assertThat(observed.outcome()).isEqualTo(Outcome.cancelled());
    assertThat(call.isCanceled()).isTrue();
  }

  @Test
  void afterTheEndItChangesNothing() throws Exception {
    Call call = call();
    try (Response response = call.execute()) {
      assertThat(response.body().string()).isEqualTo("{}");
    }
    call.cancel();
    assertThat(observed.outcome()).isEqualTo(Outcome.success());
    assertThat(observed.outcomes).isEmpty();
  }

  @Test
  void aThreadThatIsInterruptedWhileItWaitsForASlotLeavesTheQueue() throws Exception {
    occupyAllSlots();

    assertLeavesTheQueueWhenInterrupted(call());
  }

  /** Makes sockets that connect to nothing until they are closed. */
  private static final class ConnectingForever extends SocketFactory {
    final CountDownLatch connecting = new CountDownLatch(1);

    @Override
    public Socket createSocket() {
      CountDownLatch closed = new CountDownLatch(1);
      return new Socket() {
        @Override
        public void connect(SocketAddress address, int timeout) throws IOException {
          connecting.countDown();
          try {
            Waiting.await(closed, "the socket to be closed");
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          throw new SocketException("Socket closed");
        }

        @Override
        public synchronized void close() throws IOException {
          closed.countDown();
          super.close();
        }
      };
    }

    @Override
    public Socket createSocket(String host, int port) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(String host, int port, java.net.InetAddress local, int localPort) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(java.net.InetAddress host, int port) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(
        java.net.InetAddress host, int port, java.net.InetAddress local, int localPort) {
      throw new UnsupportedOperationException();
    }
  }
}
