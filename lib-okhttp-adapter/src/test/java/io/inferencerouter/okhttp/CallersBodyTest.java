package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.Endpoint;
import io.inferencerouter.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Future;
import okhttp3.Call;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.Buffer;
import okio.BufferedSink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who is to blame when a request's body cannot be written. */
@ParameterizedClass
@EnumSource(Wire.class)
class CallersBodyTest extends RoutedTest {
  private static final byte[] PIECE = new byte[16 * 1024];

  CallersBodyTest(Wire wire) throws Exception {
    super(wire);
  }

  /** How calls are routed. */
  enum Way {
    FACTORY,
    CLIENT,
    INTERCEPTOR
  }

  private Call.Factory calls(Way way) {
    return switch (way) {
      case FACTORY -> calls;
      case CLIENT -> RoutingInterceptor.create(router).addTo(client);
      case INTERCEPTOR ->
          client.newBuilder().addInterceptor(RoutingInterceptor.create(router)).build();
    };
  }

  private interface Writing {
    void to(BufferedSink sink) throws IOException;
  }

  private static RequestBody body(Writing writing) {
    return new RequestBody() {
      @Override
      public MediaType contentType() {
        return MediaType.get("application/octet-stream");
      }

      @Override
      public boolean isOneShot() {
        return true;
      }

      @Override
      public void writeTo(BufferedSink sink) throws IOException {
        writing.to(sink);
      }
    };
  }

  private double errorLevel() {
    return router.snapshot().endpoints().get(0).errorLevel();
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void aBodyThatThrowsWhileItIsWrittenIsACancel(Way way) throws Exception {
    for (Exception own :
        List.of(new IOException("file: unreadable"), new IllegalStateException("no more"))) {
      RequestBody body =
          body(
              sink -> {
                sink.write(PIECE).flush();
                if (own instanceof IOException e) {
                  throw e;
                }
                throw (RuntimeException) own;
              });
      assertThatThrownBy(() -> calls(way).newCall(request().post(body).build()).execute())
          .isSameAs(own);
      assertThat(observed.outcome()).isEqualTo(Outcome.cancelled());
      assertThat(errorLevel()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void aBodyThatCannotTellItsLengthIsACancel(Way way) throws Exception {
    IOException own = new IOException("file: gone");
    RequestBody body =
        new RequestBody() {
          @Override
          public MediaType contentType() {
            return null;
          }

          @Override
          public long contentLength() throws IOException {
            throw own;
          }

          @Override
          public void writeTo(BufferedSink sink) {}
        };
    assertThatThrownBy(() -> calls(way).newCall(request().post(body).build()).execute())
        .isSameAs(own);
    assertThat(observed.outcome()).isEqualTo(Outcome.cancelled());
    assertThat(errorLevel()).isZero();
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void aConnectionThatBreaksWhileABodyIsWrittenIsTheServersFault(Way way) throws Exception {
    try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      use(Endpoint.builder("gpu-1", "http://127.0.0.1:" + listening.getLocalPort()).build());
      Future<?> cut =
          threads.submit(
              () -> {
                var socket = listening.accept();
                assertThat(socket.getInputStream().read()).isNotNegative();
                socket.close();
                return null;
              });
      RequestBody body =
          body(
              sink -> {
                for (int i = 0; i < 100_000; i++) {
                  sink.write(PIECE).flush();
                }
              });
      assertThatThrownBy(() -> calls(way).newCall(request().post(body).build()).execute())
          .isInstanceOf(IOException.class);
      cut.get();
      assertThat(observed.outcome()).isEqualTo(Outcome.serverFault());
      assertThat(errorLevel()).isPositive();
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void aBodyIsSentByteForByteAndStaysTheOneOfTheRequest(Way way) throws Exception {
    Buffer all = new Buffer();
    RequestBody body =
        body(
            sink -> {
              sink.write(PIECE).writeUtf8("é").flush();
              sink.writeLong(7).emit();
              sink.writeAll(new Buffer().write(PIECE));
              sink.getBuffer().writeUtf8("the rest");
            });
    body.writeTo(all);
    try (Response response = calls(way).newCall(request().post(body).build()).execute()) {
      assertThat(response.request().body()).isSameAs(body);
      assertThat(response.body().string()).isEqualTo("{}");
    }
    assertThat(server.take().body).isEqualTo(all.readByteArray());
    assertThat(observed.outcome()).isEqualTo(Outcome.success());
  }

  @Test
  void aBodyThatThrowsInsteadOfTheConnectionDoesNotHideItsFault() throws Exception {
    byte[] text = "[]".getBytes(StandardCharsets.UTF_8);
    try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      use(Endpoint.builder("gpu-1", "http://127.0.0.1:" + listening.getLocalPort()).build());
      Future<?> cut =
          threads.submit(
              () -> {
                listening.accept().close();
                return null;
              });
      RequestBody body =
          body(
              sink -> {
                try {
                  for (int i = 0; i < 1_000_000; i++) {
                    sink.write(text).flush();
                  }
                } catch (IOException e) {
                  throw new IOException("upload: not finished", e);
                }
              });
      Request request = request().post(body).build();
      assertThatThrownBy(() -> calls.newCall(request).execute()).isInstanceOf(IOException.class);
      cut.get();
      assertThat(observed.outcome()).isEqualTo(Outcome.serverFault());
    }
  }
}
